// Debian's Chromium with an empty profile, as tests, guides and pictures open it.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Opens the browser, without a window.
 *
 * @param {string[]} [more] flags beside those that each needs
 * @returns {Promise<import("playwright-core").Browser>}
 */
export async function openBrowser(more = []) {
  if (!existsSync(executablePath)) throw new Error(`${executablePath} is missing: run make setup`);
  return chromium.launch({ executablePath, args: [...flags, ...more], headless: true });
}
