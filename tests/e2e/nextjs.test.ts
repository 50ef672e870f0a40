// A host on Next.js: what its server fetches is shown at once, to nobody else, and is not asked for again.
import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPage, picture } from "./browser.js";
import { count, departures, exchange, listen, playHosts, run, shown } from "./host.js";
import { root } from "./stack.js";

const app = join(root, "examples/nextjs-app");

const given = playHosts();
let next: ChildProcess;
let said = "";

beforeAll(async () => {
  const { stack } = given;
  const allowed = stack.command("provider", "update", "--slug=apron", "--backend-sessions");
  if (allowed.status !== 0) throw new Error(allowed.stderr);
  const key = join(stack.dir, "product.key");
  writeFileSync(key, stack.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  const { port } = new URL(stack.apron);
  next = spawn(
    process.execPath,
    [join(root, "node_modules/next/dist/bin/next"), "start", "-H", "127.0.0.1", "-p", port],
    {
      cwd: app,
      env: {
        ...process.env,
        NODE_ENV: "production",
        NEXT_TELEMETRY_DISABLED: "1",
        ORIEL_URL: stack.oriel,
        ORIEL_ISSUER: stack.backend,
        ORIEL_KEY_FILE: key,
      },
    },
  );
  for (const stream of [next.stdout, next.stderr])
    stream?.on("data", (words: Buffer) => (said += words.toString()));
  const answers = () =>
    fetch(stack.apron).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await answers())) {
    if (next.exitCode !== null) throw new Error(`the product ended: ${said}`);
    await new Promise((done) => setTimeout(done, 50));
  }
});
afterAll(async () => {
  const ended = new Promise((done) => next?.once("exit", done));
  if (next?.exitCode === null) {
    next.kill();
    await ended;
  }
});

/**
 * Waits until the page itself has signed in, which it does after what the server
 * fetched is shown: a network that is idle may be one that it hasn't used yet.
 */
async function signedIn(page: Page, go: () => Promise<unknown>) {
  const answered = page.waitForResponse(
    (one) => one.url().endsWith("/api/v1/session") && one.request().method() === "POST",
  );
  await go();
  await shown(page);
  await (await answered).finished();
  await page.waitForLoadState("networkidle");
}

async function enter(page: Page, name: string) {
  await page.goto(given.stack.apron);
  await signedIn(page, () => page.getByRole("button", { name }).click());
}

const secretLike = /ors_[\w-]{20,}|eyJ[\w-]{8,}\.[\w-]{8,}\.|PRIVATE KEY/;

it("the first answer has frames, names and filters, and no secret is in anything that the browser gets", async () => {
  const { page, context, faults } = await openPage(given.browser);
  await enter(page, "Ann Arden");
  const told: { url: string; text: string }[] = [];
  page.on("response", (response) => {
    const url = response.url();
    if (!url.startsWith(given.stack.apron) || new URL(url).pathname === "/sso/oriel") return;
    void response.text().then(
      (text) => told.push({ url, text }),
      () => undefined,
    );
  });
  const answer = await page.goto(`${given.stack.apron}/dashboard`);
  const html = (await answer?.text()) ?? "";
  expect(answer?.headers()["cache-control"]).toContain("no-store");
  for (const words of [
    "Airport operations",
    "Wildlife strikes by species",
    "Worst destinations",
    "Destination",
    "<h3",
  ])
    expect(html).toContain(words);
  await shown(page);
  expect(told.length).toBeGreaterThan(3);
  for (const { url, text } of told) expect(secretLike.test(text), url).toBe(false);
  expect(secretLike.test(said)).toBe(false);
  expect(faults).toEqual([]);
  expect((await new AxeBuilder({ page }).exclude("tbody tr:nth-child(n + 3)").analyze()).violations).toEqual(
    [],
  );
  await picture(page, "nextjs-dashboard");
  await context.close();
});

it("hydration asks for nothing again, and navigation makes no second exchange", async () => {
  const { page, context, faults } = await openPage(given.browser);
  await enter(page, "Ann Arden");
  const seen = listen(page, given.stack);
  await signedIn(page, () => page.goto(`${given.stack.apron}/dashboard`));
  expect(count(seen, run)).toBe(0);
  expect(count(seen, exchange)).toBe(1);
  await page.getByRole("link", { name: "Departures per day" }).click();
  await page.waitForURL("**/question");
  await shown(page);
  await page.getByRole("link", { name: "Dashboard" }).click();
  await page.waitForURL("**/dashboard");
  await shown(page);
  await page.goBack();
  await page.waitForURL("**/question");
  await shown(page);
  await page.waitForLoadState("networkidle");
  expect(count(seen, exchange)).toBe(1);
  expect(seen.filter((one) => one.startsWith("POST") && one.endsWith("/run"))).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

it("a filter is asked for by the page itself", async () => {
  const { page, context } = await openPage(given.browser);
  await enter(page, "Ann Arden");
  const seen = listen(page, given.stack);
  await page.getByRole("button", { name: /^Destination:/ }).click();
  await page.getByRole("option", { name: "LAX", exact: true }).click();
  await page.keyboard.press("Escape");
  await shown(page);
  expect(count(seen, run)).toBe(1);
  await context.close();
});

it("whoever signs in next sees nothing of the former one, back button included", async () => {
  const { page, context } = await openPage(given.browser);
  await enter(page, "Ann Arden");
  const anns = await departures(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Bob Bell" }).click();
  await page.waitForURL("**/dashboard");
  await page.getByText("Bob Bell, ORD").waitFor();
  await shown(page);
  const bobs = await departures(page);
  expect(bobs).not.toBe(anns);
  for (const go of [() => page.goBack(), () => page.goForward(), () => page.reload()]) {
    await go();
    await page.waitForLoadState("networkidle");
    const text = await page.evaluate(() => document.querySelector(".oriel-dashboard")?.textContent ?? "");
    expect(text.includes(`${String(anns)}`) && (await page.getByText("Ann Arden, DFW").count()) > 0).toBe(
      false,
    );
  }
  await page.goto(`${given.stack.apron}/dashboard`);
  await shown(page);
  expect(await departures(page)).toBe(bobs);
  await context.close();
});

it("nobody signed in: no page of somebody's, and no token", async () => {
  const page = await fetch(`${given.stack.apron}/dashboard`, { redirect: "manual" });
  expect([303, 307]).toContain(page.status);
  const token = await fetch(`${given.stack.apron}/sso/oriel`);
  expect([token.status, await token.json()]).toEqual([401, { error: "Nobody is signed in." }]);
});

it("without Oriel the page comes all the same, says what is wrong, and recovers", async () => {
  const { page, context } = await openPage(given.browser);
  await enter(page, "Ann Arden");
  await given.stack.endOriel();
  await page.goto(`${given.stack.apron}/dashboard`);
  await page.getByText("NETWORK").first().waitFor();
  await picture(page, "nextjs-without-oriel");
  await given.stack.startOriel();
  await page.getByRole("button", { name: "Try again" }).first().click();
  await shown(page);
  await context.close();
});

it("is whole at 360 px, in the dark", async () => {
  const { page, context } = await openPage(given.browser, { width: 360, height: 800, dark: true });
  await enter(page, "Bob Bell");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await picture(page, "nextjs-narrow-dark");
  await context.close();
});
