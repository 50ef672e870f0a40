// make screenshot: the README's picture, of the demo as a customer sees it.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "./chromium.mjs";
import { root, startStack } from "./stack.mjs";

const folder = join(root, "docs", "images");
mkdirSync(folder, { recursive: true });
const stack = await startStack();
const browser = await openBrowser(["--hide-scrollbars"]);
try {
  const [person] = await (await fetch(`${stack.backend}/people.json`)).json();
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({
      viewport: { width: 1440, height: 1000 },
      colorScheme,
      locale: "en-US",
      reducedMotion: "reduce",
    });
    await page.goto(stack.apron);
    await page.getByRole("button", { name: person.name }).click();
    await page.locator('.oriel-card[aria-busy="false"]').nth(8).waitFor();
    await page.screenshot({ path: join(folder, colorScheme === "dark" ? "apron-dark.png" : "apron.png") });
    await page.close();
  }
} finally {
  await browser.close();
  await stack.stop();
}
