import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const react18 = (name: string) =>
  fileURLToPath(new URL(`tests/react-18/node_modules/${name}`, import.meta.url));

export default defineConfig({
  test: {
    projects: [
      "packages/*",
      {
        // The tests of @oriel/react once more, on the older React that hosts may have.
        extends: "./packages/react/vitest.config.ts",
        root: "./packages/react",
        test: { name: "@oriel/react on React 18" },
        resolve: { alias: { react: react18("react"), "react-dom": react18("react-dom") } },
      },
    ],
  },
});
