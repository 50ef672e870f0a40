// Pictures of every kind of chart, to look at: node gallery/shots.mjs FOLDER
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { openBrowser } from "../../../scripts/chromium.mjs";
import { cards } from "./cards.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("name the folder for the pictures: node gallery/shots.mjs FOLDER");
mkdirSync(folder, { recursive: true });
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const [bundle] = [
  await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, lib: { entry: here("main.mjs"), formats: ["iife"], name: "page" } },
  }),
].flat();
const script = bundle.output[0].code;
const css = readFileSync(here("page.css"), "utf8");

const browser = await openBrowser();
for (const width of [1200, 600, 360, 264]) {
  for (const theme of ["light", "dark"]) {
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      timezoneId: "America/Los_Angeles",
    });
    page.on("pageerror", (error) => console.error(error));
    page.on("console", (message) => console.log(message.text()));
    await page.setContent(
      `<!doctype html><html lang="en" dir="${width === 264 ? "rtl" : "ltr"}"><head><style>${css}</style></head><body></body></html>`,
    );
    await page.addScriptTag({ content: script });
    await page.evaluate(
      ([all, chosen]) => window.gallery(all, chosen),
      [
        cards(width === 600 ? "ORD" : "DFW").map((card) => ({
          ...card,
          locale: width === 264 ? "de" : "en-US",
        })),
        theme,
      ],
    );
    await page.waitForTimeout(100);
    if (width === 1200)
      await page.locator("section", { hasText: "Departures per day" }).locator("svg").hover();
    if (width === 600)
      await page
        .locator("section", { hasText: "Distance against" })
        .locator("svg")
        .hover({ position: { x: 150, y: 190 } });
    if (width === 360)
      await page
        .locator("section", { hasText: "Average delay by" })
        .locator("[data-oriel-point='5']")
        .focus();
    await page.screenshot({ path: join(folder, `${width}-${theme}.png`), fullPage: true });
    await page.close();
  }
}
await browser.close();
