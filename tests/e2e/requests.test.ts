// How many requests stand between a click and the first chart.
import { connect } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { session } from "./api.js";
import { allShown, cardKeys, people, signIn, type Person } from "./apron.js";
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

/** What the SDK asks for, in order, and the preflights that the browser adds. */
async function watch(page: Page) {
  const asked: string[] = [];
  const kept: string[] = [];
  const preflights: string[] = [];
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  devtools.on("Network.requestWillBeSent", ({ request, initiator }) => {
    const url = new URL(request.url);
    const ours = url.origin === stack.oriel || url.pathname.startsWith("/sso/");
    if (!ours) return;
    if (initiator.type === "preflight") preflights.push(url.pathname);
    else asked.push(`${request.method} ${url.pathname}`);
  });
  devtools.on("Network.responseReceived", ({ response }) => {
    if (response.fromDiskCache) kept.push(`GET ${new URL(response.url).pathname}`);
  });
  return { asked, kept, preflights };
}

const discovery = "GET /auth/sso";
const chain = ["GET /sso/oriel", "POST /api/v1/session", "POST /api/v1/dashboards/airport-operations/run"];
/** Which days have data: asked for once all charts are there. */
const days = "/api/v1/dashboards/airport-operations/parameters/date/values";

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
  await page.reload();
  await allShown(page);
  // The browser keeps discovery's answer for 5 minutes: it leaves the machine no second time.
  await page.getByText("Data for").waitFor();
  expect(seen.asked.filter((each) => each !== discovery)).toEqual([...chain, `GET ${days}`]);
  expect(seen.kept).toContain(discovery);
  expect(seen.preflights.filter((path) => path !== days).length).toBeLessThanOrEqual(1);
  await context.close();
});

/** The raw answer: what a client reads at once depends on how busy it is, the frames don't. */
function rawRun(token: string): Promise<string> {
  const { hostname, port, host } = new URL(stack.oriel);
  const path = (chain[2] ?? "").replace("POST ", "");
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${stack.apron}\r\nAuthorization: Bearer ${token}\r\n` +
          "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
      );
    });
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => (text += part));
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}

it("the cards come one by one on one streamed answer that ends", async () => {
  const answer = await rawRun(await session(stack));
  const [head = "", ...body] = answer.split("\r\n\r\n");
  expect(head).toMatch(/content-type: application\/x-ndjson/i);
  expect(head).toMatch(/transfer-encoding: chunked/i);
  // Sizes and contents by turns, and a size of 0 at the end.
  const frames = body
    .join("\r\n\r\n")
    .split("\r\n")
    .filter((_, index) => index % 2 === 1);
  const lines = frames
    .filter((frame) => frame !== "")
    .map((frame) => JSON.parse(frame) as { type: string; id?: string });
  expect(lines[0]?.type).toBe("layout");
  expect(lines.at(-1)?.type).toBe("end");
  const ids = lines.filter((line) => line.type === "card").map((line) => line.id);
  expect(ids.sort()).toEqual([...cardKeys].sort());
});
