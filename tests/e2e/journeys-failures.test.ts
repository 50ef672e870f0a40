// A host that fails in each way that hosts fail: what the page says, that it asks in
// measure, and that it comes back by itself.
import { AxeBuilder } from "@axe-core/playwright";
import { afterEach, expect, it } from "vitest";
import { openPage, picture } from "./browser.js";
import {
  count,
  exchange,
  listen,
  playHost,
  playHosts,
  startHost,
  status,
  type Host,
  type HostAnswer,
} from "./host.js";
import { freePort } from "./stack.js";

const minute = 60_000;
const vouched = "GET /sso";

const given = playHosts();
const played = playHost(given);
afterEach(() => {
  played.host.answer = vouch;
});

const vouch = (as: string): HostAnswer => ({ body: { jwt: played.host.token(as) } });

async function open(at: Host = played.host, scene = "question") {
  const opened = await openPage(given.browser);
  await opened.page.clock.install();
  const seen = listen(opened.page, given.stack);
  await opened.page.goto(at.scene(scene));
  return { ...opened, seen };
}

const secret = "s3cr3t-value-that-nobody-is-to-see";

for (const [what, c] of Object.entries<{ answer: HostAnswer; code: string; says: string[] }>({
  "an error of its own": { answer: { status: 500 }, code: "HOST_STATUS", says: ["answered 500"] },
  "a page in HTML": {
    answer: { type: "text/html", body: `<h1>Sign in</h1>${secret}` },
    code: "HOST_SHAPE",
    says: ["text/html", "isn't JSON"],
  },
  "another key": {
    answer: { body: { token: secret, user: { name: secret } } },
    code: "HOST_SHAPE",
    says: ['{"jwt": "…"}', "token: string", "user: object"],
  },
  "a bare text": { answer: { body: secret }, code: "HOST_SHAPE", says: ["a string"] },
  "a list": { answer: { body: [secret] }, code: "HOST_SHAPE", says: ["an array"] },
  nothing: { answer: { body: null, type: "application/json" }, code: "HOST_SHAPE", says: ["null"] },
  "no token in it": { answer: { body: { jwt: secret } }, code: "HOST_SHAPE", says: ["isn't a JWT"] },
})) {
  it(`the host answers with ${what}: ${c.code}, told by type and key, and it recovers`, async () => {
    played.host.answer = () => c.answer;
    const { page, context, seen } = await open();
    await status(page, "error");
    const said = await page.locator("body").innerText();
    expect(said).toContain(c.code);
    for (const words of c.says) expect(said).toContain(words);
    expect(said).not.toContain(secret);
    expect(count(seen, exchange)).toBe(0);
    await page.clock.runFor(10 * minute);
    // After 1, 2, 4, 8, 16 and 32 seconds, then each minute.
    expect(count(seen, vouched)).toBeGreaterThan(10);
    expect(count(seen, vouched)).toBeLessThanOrEqual(17);
    played.host.answer = vouch;
    // An answer that is under way comes by the real clock, and the next attempt a minute after it.
    await expect
      .poll(
        async () => {
          await page.clock.runFor(minute);
          return page.locator("#status").getAttribute("data-status");
        },
        { timeout: 10_000 },
      )
      .toBe("authenticated");
    await page.locator("section.oriel-card table").waitFor({ state: "attached" });
    await context.close();
  });
}

it("the host says that nobody is signed in: no failure, and no more asking", async () => {
  played.host.answer = () => ({ status: 401 });
  const { page, context, seen } = await open();
  await status(page, "signed-out");
  await page.clock.runFor(10 * minute);
  expect(count(seen, vouched)).toBe(1);
  expect((await new AxeBuilder({ page }).include("#page").analyze()).violations).toEqual([]);
  // Whoever has signed in again presses the button.
  played.host.answer = vouch;
  await page.getByRole("button", { name: "Try again" }).click();
  await status(page, "authenticated");
  await context.close();
});

it("the host answers late: the wait shows, is not repeated, and ends well", async () => {
  played.host.answer = (as) => ({ ...vouch(as), wait: 1500 });
  const { page, context, seen } = await open();
  await status(page, "authenticating");
  await status(page, "authenticated");
  expect(count(seen, vouched)).toBe(1);
  await context.close();
});

it("the host never answers: TIMEOUT after half a minute, and the next attempt is as good as the first", async () => {
  played.host.answer = (as) => ({ ...vouch(as), wait: 20_000 });
  const { page, context } = await open();
  await status(page, "authenticating");
  const said = page.getByText("TIMEOUT").first().waitFor();
  await page.clock.runFor(30_100); // it tries again a second later
  await status(page, "error");
  played.host.answer = vouch; // in time for the next attempt
  await said;
  await status(page, "authenticated");
  await context.close();
});

it("one failure wedges nothing: the status follows, and trying again works at once", async () => {
  played.host.answer = () => ({ status: 503 });
  const { page, context } = await open(played.host, "dashboard");
  await status(page, "error");
  played.host.answer = vouch;
  await page.locator("#gate").click();
  await status(page, "authenticated");
  await page.locator("section.oriel-card table[data-oriel-twin]").first().waitFor({ state: "attached" });
  await context.close();
});

it("a page whose origin isn't listed is told which, and where to add it", async () => {
  const foreign = await startHost(given.stack, 19, `http://127.0.0.1:${String(await freePort())}`);
  const { page, context, seen } = await open(foreign);
  await status(page, "error");
  const said = await page.locator("body").innerText();
  expect(said).toContain("origin_not_allowed");
  expect(said).toContain(foreign.url);
  await picture(page, "journey-origin");
  await page.clock.runFor(10 * minute);
  expect(count(seen, exchange)).toBe(1); // nothing that waiting would mend
  await context.close();
  await foreign.stop();
});

for (const [what, minutes] of [
  ["ahead", 10],
  ["behind", -10],
] as const) {
  it(`a reader's clock 10 minutes ${what}: signed in once, renewed when it is due`, async () => {
    const { page, context } = await openPage(given.browser);
    await page.clock.install({ time: Date.now() + minutes * minute });
    const seen = listen(page, given.stack);
    await page.goto(played.host.scene("question"));
    await status(page, "authenticated");
    await page.locator("section.oriel-card table").waitFor({ state: "attached" });
    await page.clock.runFor(7 * minute);
    expect(count(seen, exchange)).toBe(1);
    await page.clock.runFor(3 * minute);
    await expect.poll(() => count(seen, exchange), { timeout: 10_000 }).toBe(2);
    await context.close();
  });

  it(`a backend's clock 10 minutes ${what}: CLOCK_SKEW says by how much`, async () => {
    const now = Math.floor(Date.now() / 1000) + minutes * 60;
    played.host.answer = (as) => ({ body: { jwt: played.host.token(as, { iat: now, exp: now + 60 }) } });
    const { page, context } = await open();
    await status(page, "error");
    const said = await page.locator("body").innerText();
    expect(said).toContain("CLOCK_SKEW");
    expect(said).toMatch(new RegExp(`(9|10) minutes.* ${what}|${what}.*(9|10) minutes`));
    await context.close();
  });
}
