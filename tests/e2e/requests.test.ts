// How many requests stand between a click and the first chart.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { allShown, people, signIn, type Person } from "./apron.js";
import { openBrowser, openPage } from "./browser.js";
import { startStack, type Stack } from "./stack.js";

let stack: Stack;
let browser: Browser;
let person: Person;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), openBrowser()]);
  person = (await people(stack))[0] as Person;
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** What the SDK asks for, in order, and how many preflights the browser adds. */
async function watch(page: Page) {
  const asked: string[] = [];
  let preflights = 0;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  devtools.on("Network.requestWillBeSent", ({ request, type }) => {
    const url = new URL(request.url);
    const ours = url.origin === stack.oriel || url.pathname.startsWith("/sso/");
    if (!ours) return;
    if (type === "Preflight") preflights++;
    else asked.push(`${request.method} ${url.pathname}`);
  });
  return { asked, preflights: () => preflights };
}

const discovery = "GET /auth/sso";
const chain = ["GET /sso/oriel", "POST /api/v1/session", "POST /api/v1/dashboards/airport-operations/run"];

it("with discovery: four, and one streamed request for the dashboard", async () => {
  const { page, context } = await openPage(browser);
  const seen = await watch(page);
  await signIn(page, stack, person);
  const untilRun = seen.asked.slice(0, seen.asked.indexOf(chain[2] ?? "") + 1);
  expect(untilRun).toEqual([discovery, ...chain]);
  expect(seen.asked.filter((each) => each.endsWith("/run"))).toHaveLength(1);
  await context.close();
});

it("with a known sign-in address: three, and at most one preflight before the first chart", async () => {
  const { page, context } = await openPage(browser);
  await signIn(page, stack, person);
  const seen = await watch(page);
  let fresh = 0;
  page.on("request", (request) => new URL(request.url()).pathname === "/auth/sso" && fresh++);
  page.on("requestfinished", (request) => {
    if (new URL(request.url()).pathname !== "/auth/sso") return;
    // Kept by the browser for 5 minutes: no request leaves the machine.
    void request.sizes().then(({ responseHeadersSize }) => responseHeadersSize === 0 && fresh--);
  });
  await page.reload();
  await allShown(page);
  const order = seen.asked.filter((each) => each !== discovery);
  expect(order.slice(0, 3)).toEqual(chain);
  expect(seen.preflights()).toBeLessThanOrEqual(2); // the run, and the filter's values after it
  await context.close();
});

it("the cards come one by one on one streamed answer that ends", async () => {
  const { page, context } = await openPage(browser);
  const run = page.waitForResponse((response) => response.url().endsWith("/run"));
  await signIn(page, stack, person);
  const answer = await run;
  expect(answer.headers()["content-type"]).toContain("application/x-ndjson");
  expect(answer.headers()["content-length"]).toBeUndefined();
  const lines = (await answer.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines[0]?.type).toBe("layout");
  expect(lines.at(-1)?.type).toBe("end");
  expect(lines.filter((line) => line.type === "card")).toHaveLength(9);
  await context.close();
});
