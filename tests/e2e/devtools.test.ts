// The same attacks from inside the browser: a customer's user with the
// developer tools open, in Apron's page and in a page of another origin.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { allShown, people, type Person } from "./apron.js";
import { openBrowser, openPage } from "./browser.js";
import { foreignKey, hostToken } from "./hosttoken.js";
import { startStack, type Stack } from "./stack.js";

let stack: Stack;
let browser: Browser;
let page: Page;
let person: Person;
/** What the network panel shows. */
const seen = { jwt: "", session: "" };

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), openBrowser()]);
  person = (await people(stack)).find((each) => each.airport === "DFW") as Person;
  ({ page } = await openPage(browser));
  page.on("request", (request) => {
    const bearer = request.headers().authorization?.replace("Bearer ", "");
    if (bearer) seen.session = bearer;
    if (request.url().endsWith("/api/v1/session") && request.method() === "POST") {
      seen.jwt = (JSON.parse(request.postData() ?? "{}") as { jwt?: string }).jwt ?? "";
    }
  });
  await page.goto(stack.apron);
  await page.getByRole("button", { name: person.name }).click();
  await allShown(page);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** fetch() as typed into the console; "blocked" when the browser lets the page read nothing. */
async function typed(at: Page, path: string, body: unknown, headers: Record<string, string> = {}) {
  return at.evaluate(
    async ([url, text, head]) => {
      try {
        const response = await fetch(url, { method: "POST", body: text, headers: head });
        const answer = (await response.json()) as { code?: string };
        return `${String(response.status)} ${answer.code ?? ""}`.trim();
      } catch {
        return "blocked";
      }
    },
    [`${stack.oriel}${path}`, JSON.stringify(body), headers] as const,
  );
}

const asThemselves = () => ({ Authorization: `Bearer ${seen.session}`, "Content-Type": "application/json" });
const run = "/api/v1/questions/distance-against-delay/run";

it("the session that the page uses works from the console", async () => {
  expect(seen.session).toMatch(/^ors_/);
  expect(await typed(page, run, {}, asThemselves())).toBe("200");
});

it.each([
  ["another customer's airport as a parameter", { parameters: { airport: "ORD" } }, "400 invalid_request"],
  ["the policy's column as a parameter", { parameters: { origin: ["ORD"] } }, "400 invalid_request"],
  ["a filter of another shape", { parameters: { destination: { not: "LAX" } } }, "400 invalid_request"],
  ["an own SQL text", { sql: "select * from flights" }, "400 invalid_request"],
])("%s is refused", async (_, body, answer) => {
  expect(await typed(page, run, body, asThemselves())).toBe(answer);
});

it("a question that they may not view does not exist", async () => {
  expect(await typed(page, "/api/v1/questions/network-comparison/run", {}, asThemselves())).toBe(
    "404 not_found",
  );
});

it("the host token that the page sent does not work again", async () => {
  expect(await typed(page, "/api/v1/session", { jwt: seen.jwt })).toBe("401 token_replayed");
});

it("a host token with another airport, signed by an own key, does not work", async () => {
  const jwt = hostToken(stack, { airport: "ORD" }, foreignKey());
  expect(await typed(page, "/api/v1/session", { jwt })).toBe("401 token_signature");
});

it("a page of another origin can use neither session nor host token", async () => {
  const { page: foreign, context } = await openPage(browser);
  await foreign.goto(`${stack.backend}/people.json`);
  expect(await typed(foreign, run, {}, asThemselves())).toBe("blocked");
  expect(await typed(foreign, "/api/v1/session", { jwt: hostToken(stack) })).toBe("403 origin_not_allowed");
  await context.close();
});
