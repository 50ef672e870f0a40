import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (name: string, entry = "index") =>
  fileURLToPath(new URL(`../${name}/src/${entry}.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      "@oriel/core/server": source("core", "server"),
      "@oriel/core": source("core"),
      "@oriel/charts": source("charts"),
    },
  },
});
