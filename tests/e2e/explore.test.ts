// A question that somebody works with: who may explore changes it, others change how it is drawn.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openPage, picture } from "./browser.js";
import { playHost, playHosts, shown, status } from "./host.js";
import { root } from "./stack.js";

const given = playHosts();
const played = playHost(given);

async function open(question: string, look: Parameters<typeof openPage>[1] = {}) {
  const opened = await openPage(given.browser, look);
  await opened.page.goto(played.host.scene("explore", { question }));
  await status(opened.page, "authenticated");
  await shown(opened.page);
  return opened;
}

const headings = (page: Page) => page.locator(".oriel-explore h3").textContent();

function grant(what: "run" | "explore", download: "none" | "full" = "full") {
  const done = given.stack.command(
    "grant",
    "operators",
    `--source=airports=${what}`,
    `--download=${download}`,
  );
  if (done.status !== 0) throw new Error(done.stderr);
}

it("without explore: the chart, other kinds of it, and nothing to change it with", async () => {
  grant("run", "none");
  const { page, context, faults } = await open("worst-destinations");
  expect(await page.getByRole("button", { name: "Filter" }).count()).toBe(0);
  expect(await page.getByRole("button", { name: "Download" }).count()).toBe(0);
  await page.getByLabel("Chart", { exact: true }).selectOption("table");
  await page.locator(".oriel-explore .oriel-view table").waitFor();
  await picture(page, "explore-looking");
  expect(faults).toEqual([]);
  await context.close();
});

it("with explore: filter, group, summarise, sort, rows behind a mark, and the way back", async () => {
  grant("explore");
  const { page, context, faults } = await open("departures-per-day");
  await page.getByRole("button", { name: "Group by" }).waitFor();
  await picture(page, "explore-begun");

  // Only long flights, by destination's city, with their average delay, the worst first.
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByLabel("Column").selectOption("distance_miles");
  await page.getByLabel("Condition").selectOption(">");
  await page.getByLabel("Value").fill("1000");
  await page.keyboard.press("Enter");
  await shown(page);
  await page.getByText("Distance is more than 1000").waitFor();
  await page.getByRole("button", { name: "Group by" }).click();
  await page.getByRole("button", { name: /^Remove Departed/ }).click();
  await page.getByLabel("Column").selectOption("destination.city");
  await page.getByRole("button", { name: "Add" }).click();
  await shown(page);
  await page.getByRole("button", { name: "Summarise" }).click();
  await page.getByLabel("Figure").selectOption("avg");
  await page.getByLabel("Column").selectOption("delay_minutes");
  await page.getByRole("button", { name: "Add" }).click();
  await shown(page);
  await page.getByRole("button", { name: "Sort" }).click();
  await page.getByLabel("Column").selectOption({ label: "Average of delay" });
  await page.getByRole("button", { name: "Add" }).click();
  await shown(page);
  await picture(page, "explore-changed");
  await page.keyboard.press("Escape");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Sort/);

  await page.locator(".oriel-view [data-oriel-point]").first().click();
  await shown(page);
  expect(await headings(page)).toMatch(/: rows$/);
  await picture(page, "explore-rows");
  const cells = await page.locator(".oriel-view tbody tr").count();
  expect(cells).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Back to the chart" }).click();
  await shown(page);
  await page.getByRole("button", { name: "Reset" }).click();
  await shown(page);
  expect(await headings(page)).toBe("Departures per day");
  expect(faults).toEqual([]);
  await context.close();
});

it("rows are the person's own, whatever they ask", async () => {
  grant("explore");
  const { page, context } = await open("departures-per-day");
  await page.getByRole("button", { name: "See rows" }).click();
  await shown(page);
  const origins = await page.locator(".oriel-view table").evaluate((table: HTMLTableElement) => {
    const at = [...table.querySelectorAll("th")].findIndex((th) => th.textContent?.startsWith("Origin"));
    return [...new Set([...table.querySelectorAll("tbody tr")].map((row) => row.children[at]?.textContent))];
  });
  expect(origins).toEqual(["DFW"]);
  await context.close();
});

it("a file and a picture are taken away by whose group may", async () => {
  grant("explore");
  const { page, context, faults } = await open("departures-per-day");
  await page.getByRole("button", { name: "Filter" }).waitFor();
  for (const [name, begins] of [
    ["CSV", "day,departures"],
    ["XLSX", "PK"],
    ["PNG", "\u0089PNG"],
  ] as const) {
    const file = page.waitForEvent("download");
    await page.getByRole("button", { name: `Download ${name}` }).click();
    const text = readFileSync(await (await file).path(), "latin1");
    expect(text.slice(0, begins.length)).toBe(begins);
    if (name === "PNG") writeFileSync(join(root, "tests/e2e/output/explore-downloaded.png"), text, "latin1");
  }
  expect(faults).toEqual([]);
  await context.close();
});

it("is whole at 360 px, in the dark", async () => {
  grant("explore");
  const { page, context } = await open("departures-per-day", { width: 360, height: 800, dark: true });
  await page.getByRole("button", { name: "Group by" }).click();
  await picture(page, "explore-narrow-dark");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(360);
  await context.close();
});
