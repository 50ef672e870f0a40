// Components in shadow roots: no style of the page reaches them, and all of them works there.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openPage, picture } from "./browser.js";
import { listen, playHost, playHosts, run, shown, status } from "./host.js";

const given = playHosts();
const played = playHost(given);

async function open(scene: string, more: Record<string, string>, look: Parameters<typeof openPage>[1] = {}) {
  const opened = await openPage(given.browser, look);
  const seen = listen(opened.page, given.stack);
  await opened.page.goto(played.host.scene(scene, more));
  await status(opened.page, "authenticated");
  return { ...opened, seen };
}

const looks = (page: Page) =>
  page
    .locator(".oriel-card button")
    .first()
    .evaluate((button) => {
      const { backgroundColor, position, letterSpacing } = getComputedStyle(button);
      const title = button.closest(".oriel-card")?.querySelector("h3");
      return {
        backgroundColor,
        position,
        letterSpacing,
        title: title ? getComputedStyle(title).display : "",
      };
    });

it("in a layer the page's styles reach the components, in a shadow root none does", async () => {
  const plain = await open("dashboard", {});
  await shown(plain.page);
  const usual = await looks(plain.page);
  await plain.context.close();

  const layer = await open("dashboard", { unruly: "1" });
  await layer.page.locator("section.oriel-card table").first().waitFor({ state: "attached" });
  expect(await looks(layer.page)).not.toEqual(usual);
  await layer.context.close();

  const shadow = await open("dashboard", { unruly: "1", isolate: "shadow" });
  await shown(shadow.page);
  expect(await looks(shadow.page)).toEqual(usual);
  await picture(shadow.page, "isolate-shadow");
  expect(shadow.faults).toEqual([]);
  await shadow.context.close();
});

it("filters, their lists, marks and large cards work in a shadow root, and the focus comes back", async () => {
  const { page, context, seen, faults } = await open("interactive", { unruly: "1", isolate: "shadow" });
  await shown(page);
  const opener = page.getByRole("button", { name: /^Destination:/ });
  await opener.click();
  await page.getByRole("option", { name: "LAX", exact: true }).click();
  await page.getByRole("option", { name: "LAX", exact: true }).waitFor(); // a click in the list leaves it open
  await page.mouse.click(5, 5); // outside of it, in the page
  await expect.poll(() => page.getByRole("option").count(), { timeout: 10_000 }).toBe(0);
  await shown(page);
  expect(await opener.textContent()).toContain("LAX");
  await opener.press("Enter");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.press("Escape");
  expect(await opener.evaluate((one) => (one.getRootNode() as ShadowRoot).activeElement === one)).toBe(true);

  const large = page.getByRole("button", { name: "Enlarge: Departures per day" });
  await large.click();
  await page.getByRole("dialog", { name: "Departures per day" }).waitFor();
  await picture(page, "isolate-large");
  await page.keyboard.press("Escape");
  await expect
    .poll(() => page.getByRole("dialog", { name: "Departures per day" }).count(), { timeout: 10_000 })
    .toBe(0);
  expect(await large.evaluate((one) => (one.getRootNode() as ShadowRoot).activeElement === one)).toBe(true);

  const before = seen.filter((one) => one === run).length;
  const card = page
    .locator("section.oriel-card")
    .filter({ has: page.getByRole("heading", { name: "Worst destinations" }) });
  await card.locator("[data-oriel-point]").first().focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => seen.filter((one) => one === run).length, { timeout: 10_000 }).toBe(before + 1);
  expect(faults).toEqual([]);
  await context.close();
});

it("working with a question, browsing and errors stand in shadow roots too", async () => {
  const explore = await open("explore", { unruly: "1", isolate: "shadow", question: "departures-per-day" });
  await shown(explore.page);
  await explore.page.getByLabel("Chart", { exact: true }).selectOption("bar");
  await picture(explore.page, "isolate-explore");
  expect(explore.faults).toEqual([]);
  await explore.context.close();

  const browse = await open(
    "browser",
    { unruly: "1", isolate: "shadow" },
    { width: 360, height: 800, dark: true },
  );
  await browse.page.getByRole("button", { name: /Departures per day/ }).click();
  await shown(browse.page);
  await picture(browse.page, "isolate-browser-narrow-dark");
  await browse.page.getByRole("button", { name: /^Back/ }).click();
  await browse.page.getByRole("button", { name: /Departures per day/ }).waitFor();
  expect(browse.faults).toEqual([]);
  await browse.context.close();
});

it("is usable by everybody: axe in a shadow root", async () => {
  const { page, context } = await open("question", { isolate: "shadow" });
  await shown(page);
  expect((await new AxeBuilder({ page }).include("#page").analyze()).violations).toEqual([]);
  await context.close();
});
