import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { root } from "./stack.js";

export { openBrowser } from "../../scripts/chromium.mjs";

/** A page that remembers what went wrong in it. */
export interface Watched {
  context: BrowserContext;
  page: Page;
  /** What the page's console called an error, and what it threw. */
  faults: string[];
}

export async function openPage(
  browser: Browser,
  look: { width?: number; height?: number; dark?: boolean; locale?: string; timezone?: string } = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    colorScheme: look.dark ? "dark" : "light",
    locale: look.locale ?? "en-US",
    // Far from the airports' own: a time that is shifted shows.
    timezoneId: look.timezone ?? "Pacific/Auckland",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    // A 401 of /me.json is how Apron's page learns that nobody is signed in.
    if (message.type() === "error" && !message.location().url.endsWith("/me.json"))
      faults.push(message.text());
  });
  return { context, page, faults };
}

/** Leaves a picture of the page in tests/e2e/output. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = join(root, "tests/e2e/output");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
