// Apron's pages with the embed in them: who sees what, and what it looks like.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  allShown,
  filterByDate,
  filterByDestination,
  people,
  signIn,
  signOut,
  twin,
  type Person,
} from "./apron.js";
import { openBrowser, openPage, picture } from "./browser.js";
import { startStack, type Stack } from "./stack.js";

let stack: Stack;
let browser: Browser;
let dfw: Person;
let ord: Person;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), openBrowser()]);
  const staff = await people(stack);
  dfw = staff.find((person) => person.airport === "DFW") as Person;
  ord = staff.find((person) => person.airport === "ORD") as Person;
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

it("the next customer at the same browser sees nothing of the former one", async () => {
  const { page, context, faults } = await openPage(browser);
  await signIn(page, stack, dfw);
  const before = await twin(page, "latest-departures");
  await signOut(page);
  expect(await page.locator("table[data-oriel-twin]").count()).toBe(0);
  expect(await page.content()).not.toContain(before[0]?.departed_at);

  await page.getByRole("button", { name: ord.name }).click();
  // Whatever is drawn from here on, none of it may be the former customer's.
  const seen = new Set<string>();
  let done = false;
  const shown = allShown(page).then(() => (done = true));
  while (!done) {
    for (const text of await page.locator("table[data-oriel-twin]").allTextContents()) seen.add(text);
  }
  await shown;
  const after = await twin(page, "latest-departures");
  expect(after).not.toEqual(before);
  for (const text of seen) expect(text).not.toContain(before[0]?.departed_at);
  expect(await page.locator(".customer").textContent()).toContain(ord.customer.name);
  expect(faults).toEqual([]);
  await context.close();
});

it("filters outlive a reload and a look at another section, and end with the sign-in", async () => {
  const { page, context } = await openPage(browser);
  await signIn(page, stack, dfw);
  const all = await twin(page, "departures");
  await filterByDate(page, { from: "2001-02-01", to: "2001-02-28" });
  await filterByDestination(page, "LAX");
  const filtered = await twin(page, "departures");
  expect(filtered).not.toEqual(all);

  await page.reload();
  await allShown(page);
  expect(await twin(page, "departures")).toEqual(filtered);
  await page.getByRole("link", { name: "Gates" }).click();
  await page.getByRole("heading", { name: "Gates" }).waitFor();
  await page.goBack();
  await allShown(page);
  expect(await twin(page, "departures")).toEqual(filtered);
  expect(await page.getByLabel("From", { exact: true }).inputValue()).toBe("2001-02-01");

  await signOut(page);
  await page.getByRole("button", { name: dfw.name }).click();
  await allShown(page);
  expect(await twin(page, "departures")).toEqual(all);
  await context.close();
});

it("signing in as somebody else in another tab switches this one too", async () => {
  const { page, context } = await openPage(browser);
  await signIn(page, stack, dfw);
  const before = await twin(page, "latest-departures");
  const second = await context.newPage();
  await second.goto(stack.apron);
  await signOut(second);
  await second.getByRole("button", { name: ord.name }).click();
  await allShown(second);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.locator(".customer", { hasText: ord.customer.name }).waitFor();
  await allShown(page);
  expect(await twin(page, "latest-departures")).not.toEqual(before);
  await context.close();
});

it("the session lives in memory only", async () => {
  const { page, context } = await openPage(browser);
  await signIn(page, stack, dfw);
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  expect(kept).not.toContain("ors_");
  expect(kept).not.toContain("eyJ");
  for (const cookie of await context.cookies()) expect(cookie.httpOnly).toBe(true);
  await context.close();
});

it("an endpoint of the host that answers HTML is told on the card", async () => {
  const { page, context } = await openPage(browser);
  await page.route("**/sso/oriel**", (route) =>
    route.fulfill({
      status: 200,
      contentType: "text/html",
      headers: {
        "Access-Control-Allow-Origin": stack.apron,
        "Access-Control-Allow-Credentials": "true",
      },
      body: "<!doctype html><title>Sign in</title><h1>secret markup</h1>",
    }),
  );
  await page.goto(stack.apron);
  await page.getByRole("button", { name: dfw.name }).click();
  const told = page.getByRole("alert");
  await told.waitFor();
  const text = (await told.textContent()) ?? "";
  expect(text).toContain("HOST_SHAPE");
  expect(text).toMatch(/HTML/i);
  expect(text).toContain('{"jwt"');
  expect(text).not.toContain("secret markup");
  await picture(page, "host-answers-html");
  await context.close();
});

it("a host that is signed out is told calmly, and is not asked again", async () => {
  const { page, context } = await openPage(browser);
  let asked = 0;
  await page.route("**/sso/oriel**", (route) => {
    asked++;
    return route.fulfill({
      status: 401,
      headers: { "Access-Control-Allow-Origin": stack.apron, "Access-Control-Allow-Credentials": "true" },
      body: "",
    });
  });
  await page.goto(stack.apron);
  await page.getByRole("button", { name: dfw.name }).click();
  await page.locator(".analytics").getByRole("status").waitFor();
  await page.waitForTimeout(1500); // longer than the first back-off would be
  expect(asked).toBe(1);
  await picture(page, "signed-out-at-host");
  await context.close();
});

it("an Oriel that is down is told on the card, and Apron goes on", async () => {
  const { page, context } = await openPage(browser);
  await page.route(`${stack.oriel}/**`, (route) => route.abort("connectionrefused"));
  await page.goto(stack.apron);
  await page.getByRole("button", { name: dfw.name }).click();
  await page.getByRole("alert").waitFor();
  await picture(page, "oriel-is-down");
  await page.getByRole("link", { name: "Gates" }).click();
  await page.getByRole("heading", { name: "Gates" }).waitFor();
  await context.close();
});

const looks = [
  { name: "desktop", width: 1440, height: 900 },
  { name: "desktop-dark", width: 1440, height: 900, dark: true },
  { name: "tablet", width: 820, height: 1100 },
  { name: "phone", width: 360, height: 780 },
  { name: "phone-dark", width: 360, height: 780, dark: true },
];

it.each(looks)("every page at $name fits its width", async ({ name, ...look }) => {
  const { page, context, faults } = await openPage(browser, look);
  await page.goto(stack.apron);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await fits(page);
  await picture(page, `signin-${name}`);
  await signIn(page, stack, dfw);
  await fits(page);
  await picture(page, `overview-${name}`);
  for (const section of ["Gates", "Crew", "Messages"]) {
    await page.getByRole("link", { name: section }).click();
    await page.getByRole("heading", { name: section, level: 1 }).waitFor();
    await fits(page);
    await picture(page, `${section.toLowerCase()}-${name}`);
  }
  expect(faults).toEqual([]);
  await context.close();
});

it("one can sign in and reach every chart with the keyboard alone", async () => {
  const { page, context } = await openPage(browser);
  await page.goto(stack.apron);
  const button = page.getByRole("button", { name: dfw.name });
  await button.waitFor();
  await tabTo(page, () => button.evaluate((element) => element === document.activeElement));
  await page.keyboard.press("Enter");
  await allShown(page);
  const reached = new Set<string>();
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    const title = await page.evaluate(
      () => document.activeElement?.closest(".oriel-card")?.querySelector("h3")?.textContent ?? "",
    );
    if (title) reached.add(title);
  }
  expect(reached.size).toBe(9);
  await picture(page, "keyboard");
  await context.close();
});

async function tabTo(page: Page, there: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press("Tab");
    if (await there()) return;
  }
  throw new Error("the keyboard does not reach it");
}

/** Nothing scrolls sideways. */
async function fits(page: Page): Promise<void> {
  const [content, view] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(content).toBeLessThanOrEqual(view ?? 0);
}
