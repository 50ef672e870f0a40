// What somebody lives through while a page stands open: renewals, sign-outs, lost
// networks, sleep. Each in a real browser, and each request is counted.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openPage, picture } from "./browser.js";
import { count, departures, exchange, listen, playHost, playHosts, run, shown, status } from "./host.js";

const minute = 60_000;
const vouched = "GET /sso";

const given = playHosts();

/** Chooses a destination and waits for its figures. */
async function filterBy(page: Page, destination: string) {
  await page.getByRole("button", { name: /^Destination:/ }).click();
  await page.getByRole("option", { name: destination, exact: true }).click();
  await page.keyboard.press("Escape");
  await shown(page);
}

/** What axe finds wrong; rows of data are all alike. */
async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .include("#page")
    .exclude("tbody tr:nth-child(n + 3)")
    .analyze();
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
}

const chosen = (page: Page) => page.getByRole("button", { name: /^Destination:/ }).textContent();

for (const version of [19, 18] as const) {
  describe(`on React ${String(version)}`, () => {
    const played = playHost(given, version);

    async function open(scene: string, more: { as?: string; clock?: boolean } = {}) {
      const opened = await openPage(given.browser);
      if (more.clock !== false) await opened.page.clock.install();
      const seen = listen(opened.page, given.stack);
      played.host.asked.length = 0;
      await opened.page.goto(played.host.scene(scene, more.as === undefined ? {} : { as: more.as }));
      return { ...opened, seen };
    }

    it("StrictMode's double mount makes one exchange, and one run of the dashboard", async () => {
      const { page, context, seen, faults } = await open("dashboard");
      await shown(page);
      expect([count(seen, vouched), count(seen, exchange), count(seen, run)]).toEqual([1, 1, 1]);
      expect(faults).toEqual([]);
      await context.close();
    });

    it("a renewal keeps filter, tab and scroll, and nothing is asked or drawn anew", async () => {
      const { page, context, seen, faults } = await open("dashboard");
      await shown(page);
      await filterBy(page, "LAX");
      const figure = await departures(page);
      await page.evaluate(() => {
        scrollTo(0, 400);
        // Whatever is taken out of the page while the session is renewed, a skeleton that comes included.
        const changes: string[] = [];
        Object.assign(globalThis, { changes });
        new MutationObserver((all) => {
          for (const one of all)
            if (one.type === "childList") changes.push((one.target as Element).className);
        }).observe(document.querySelector(".oriel-dashboard") as Element, { childList: true, subtree: true });
      });
      const before = [count(seen, run), count(seen, exchange)];
      await page.clock.fastForward(9.5 * minute);
      await expect.poll(() => count(seen, exchange), { timeout: 10_000 }).toBe(2);
      await status(page, "authenticated");
      expect([count(seen, run), count(seen, exchange), count(seen, vouched)]).toEqual([before[0], 2, 2]);
      expect(await chosen(page)).toBe("LAX");
      expect(await departures(page)).toBe(figure);
      expect(await page.evaluate(() => scrollY)).toBe(400);
      expect(await page.evaluate(() => (globalThis as unknown as { changes: string[] }).changes)).toEqual([]);
      // On the page's other tab it is renewed all the same, and the tab stays.
      await page.getByRole("tab", { name: "notes" }).click();
      await page.clock.fastForward(9.5 * minute);
      await expect.poll(() => count(seen, exchange), { timeout: 10_000 }).toBe(3);
      expect(await page.getByRole("tab", { name: "notes" }).getAttribute("aria-selected")).toBe("true");
      await page.getByRole("tab", { name: "figures" }).click();
      expect(await chosen(page)).toBe("LAX");
      expect(faults).toEqual([]);
      await context.close();
    });

    it("another person under the same provider: nothing of the former one is seen again", async () => {
      const { page, context, seen } = await open("switched", { clock: false });
      await shown(page);
      const anns = await departures(page);
      await page.evaluate((figure) => {
        const leaks: string[] = [];
        Object.assign(globalThis, { leaks });
        const look = () => {
          const text = document.querySelector(".oriel-dashboard")?.textContent ?? "";
          const who = document.querySelector("#status")?.textContent;
          if (who !== "authenticated" && figure && text.includes(figure)) leaks.push(`while ${String(who)}`);
        };
        const button = [...document.querySelectorAll("button")].find(
          (one) => one.textContent === "Become Bob",
        );
        button?.click();
        new MutationObserver(look).observe(document.body, {
          childList: true,
          subtree: true,
          characterData: true,
        });
      }, anns);
      await expect.poll(() => count(seen, exchange), { timeout: 10_000 }).toBe(2);
      await status(page, "authenticated");
      await shown(page);
      const bobs = await departures(page);
      expect(bobs).not.toBe(anns);
      expect(await page.evaluate(() => (globalThis as unknown as { leaks: string[] }).leaks)).toEqual([]);
      expect(played.host.asked).toEqual(["ann", "bob"]);
      await context.close();
    });

    it("configs and callbacks that are new with each render begin nothing; the newest is used at the next renewal", async () => {
      const { page, context, seen, faults } = await open("rerendered");
      await shown(page);
      const before = seen.filter((one) => one !== "OPTIONS /").length;
      for (let n = 0; n < 6; n++) await page.getByRole("button", { name: "Render again" }).click();
      await page.locator("output", { hasText: "6" }).waitFor();
      await shown(page);
      expect([count(seen, vouched), count(seen, exchange), count(seen, run)]).toEqual([1, 1, 1]);
      expect(seen.length - before).toBeLessThanOrEqual(3); // the question that came and went three times
      const renewed = page.waitForRequest((request) => new URL(request.url()).pathname === "/sso");
      await page.clock.fastForward(9.5 * minute);
      expect(new URL((await renewed).url()).searchParams.get("count")).toBe("6");
      expect(faults).toEqual([]);
      await context.close();
    });
  });
}

describe("a page that stands open", () => {
  const played = playHost(given);

  async function open(scene = "dashboard", look: Parameters<typeof openPage>[1] = {}) {
    const opened = await openPage(given.browser, look);
    await opened.page.clock.install();
    const seen = listen(opened.page, given.stack);
    await opened.page.goto(played.host.scene(scene));
    await status(opened.page, "authenticated");
    await shown(opened.page);
    return { ...opened, seen };
  }

  /** The host vouches for whoever is asked for, again. */
  function mend() {
    played.host.answer = (as) => ({ body: { jwt: played.host.token(as) } });
  }

  function revoke() {
    const list = JSON.parse(given.stack.command("user", "list", "--output=json").stdout) as unknown;
    const ids = [...JSON.stringify(list).matchAll(/usr_[a-z0-9]+/g)].map((found) => found[0]);
    for (const id of new Set(ids)) {
      const done = given.stack.command("session", "revoke", `--user=${id}`);
      if (done.status !== 0) throw new Error(done.stderr);
    }
  }

  it("revoked, and the host says no: one attempt to renew, signed out, and not a request more", async () => {
    const { page, context, seen } = await open();
    revoke();
    played.host.answer = () => ({ status: 401 });
    const before = [...seen];
    await page.waitForTimeout(1100); // another process's revocation holds within a second
    await page.getByRole("button", { name: /^Destination:/ }).click();
    await status(page, "signed-out");
    await page.getByText("signed out by host").waitFor();
    expect(count(seen, vouched) - count(before, vouched)).toBe(1);
    expect(count(seen, exchange)).toBe(count(before, exchange));
    await picture(page, "journey-signed-out");
    const then = seen.length;
    await page.clock.runFor(10 * minute);
    expect(seen.length).toBe(then);
    mend();
    await context.close();
  });

  it("revoked, and the host still vouches: the request is sent once more, and nobody notices", async () => {
    const { page, context, seen } = await open();
    await page.waitForTimeout(1100); // tokens of the second of a revocation are refused
    revoke();
    await page.waitForTimeout(1100);
    const before = [...seen];
    await filterBy(page, "LAX");
    await status(page, "authenticated");
    expect(count(seen, vouched) - count(before, vouched)).toBe(1);
    expect(count(seen, exchange) - count(before, exchange)).toBe(1);
    await context.close();
  });

  it("without a network: it says so and tries less and less often; with it, it goes on with the same filter", async () => {
    const { page, context, seen } = await open();
    await filterBy(page, "LAX");
    const figure = await departures(page);
    await context.setOffline(true);
    await page.clock.fastForward(9.5 * minute);
    await status(page, "offline");
    const before = [...seen];
    await page.clock.runFor(10 * minute);
    // After 1, 2, 4, 8, 16 and 32 seconds, then each minute: a browser may be wrong about its network.
    expect(count(seen, vouched) - count(before, vouched)).toBeLessThanOrEqual(16);
    expect(count(seen, run)).toBe(count(before, run));
    expect(await departures(page)).toBe(figure);
    await picture(page, "journey-offline");
    await context.setOffline(false);
    await status(page, "authenticated");
    await shown(page);
    expect(await chosen(page)).toBe("LAX");
    expect(count(seen, exchange)).toBe(2);
    await context.close();
  });

  it("asleep for a night: one renewal on waking, and the charts never leave the page", async () => {
    const { page, context, seen } = await open();
    await filterBy(page, "LAX");
    const runs = count(seen, run);
    await page.clock.fastForward(8 * 60 * minute);
    await expect.poll(() => count(seen, exchange), { timeout: 10_000 }).toBe(2);
    await status(page, "authenticated");
    await page.clock.runFor(minute);
    expect(count(seen, exchange)).toBe(2);
    expect(count(seen, run)).toBe(runs);
    expect(await chosen(page)).toBe("LAX");
    await context.close();
  });

  it("two providers and three dashboards on one page share nothing between people", async () => {
    const { page, context, seen } = await open("several");
    await status(page, "authenticated", "other");
    await shown(page, "#second");
    expect(count(seen, exchange)).toBe(2);
    const [ann, bob] = [await departures(page, "#first"), await departures(page, "#second")];
    expect(ann).not.toBe(bob);
    // One of them signs out at the host; the other's charts stay.
    played.host.answer = (as) => (as === "ann" ? { status: 401 } : { body: { jwt: played.host.token(as) } });
    await page.clock.fastForward(9.5 * minute);
    await status(page, "signed-out");
    await status(page, "authenticated", "other");
    expect(await page.locator("#first").textContent()).not.toContain(ann);
    expect(await departures(page, "#second")).toBe(bob);
    mend();
    await context.close();
  });

  // One each: axe takes its time.
  it.each([
    ["dashboard", "light", {}],
    ["dashboard", "dark", { dark: true }],
    ["interactive", "narrow", { width: 360, height: 800 }],
    ["explore", "light", {}],
    ["explore", "dark", { dark: true }],
  ] as const)("is usable by everybody: axe, %s, %s", async (scene, _, look) => {
    const { page, context } = await open(scene, look);
    expect(await faultsOf(page)).toEqual([]);
    await context.close();
  });

  it("is usable by the keyboard alone", async () => {
    const { page, context } = await open("dashboard");
    const opener = page.getByRole("button", { name: /^Destination:/ });
    for (let n = 0; n < 20 && !(await opener.evaluate((one) => one === document.activeElement)); n++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("option", { name: "LAX", exact: true }).waitFor();
    await page.keyboard.type("LAX");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await shown(page);
    expect(await chosen(page)).toBe("LAX");
    expect(await opener.evaluate((one) => one === document.activeElement)).toBe(true);
    await context.close();
  });
});
