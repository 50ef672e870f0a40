// Sign-in by an identity provider in another window: a host's page on one origin,
// Oriel on a second, the identity provider on another site, in a real browser.
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, picture } from "./browser.js";
import { count, departures, exchange, listen, playHost, playHosts, shown, status } from "./host.js";
import { startIdP, type IdP } from "./idp.js";
import { root } from "./stack.js";

const given = playHosts({ ORIEL_INTERACTIVE_EMBEDDING: "true" });
const played = playHost(given);
let idp: IdP;

function oriel(...args: string[]): string {
  const done = given.stack.command(...args);
  if (done.status !== 0) throw new Error(`oriel ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

beforeAll(async () => {
  idp = await startIdP();
  const callback = `${played.host.url}/?scene=done`;
  oriel(
    "provider",
    "create",
    "--slug",
    "corp",
    "--kind",
    "saml",
    "--metadata",
    idp.metadata,
    "--create-users",
    "--groups",
    "mapped",
    "--map-group",
    "ops=operators",
    "--callback-url",
    callback,
  );
});
afterAll(() => idp?.stop());

async function open(scene: string, more: Record<string, string> = {}, clock = false) {
  const opened = await openPage(given.browser);
  if (clock) await opened.page.clock.install();
  const seen = listen(opened.page, given.stack);
  idp.refuses = idp.cutsOff = false;
  await opened.page.goto(played.host.scene(scene, more));
  return { ...opened, seen };
}

const signIn = (page: Page) => page.getByRole("button", { name: "Sign in" });

/** Clicks, and gives the window that opens. */
async function windowOf(page: Page, context: BrowserContext): Promise<Page> {
  const [opened] = await Promise.all([context.waitForEvent("page"), signIn(page).click()]);
  return opened;
}

/** Waits for the end of a window, which may have come already. */
async function closed(window: Page): Promise<void> {
  if (!window.isClosed()) await window.waitForEvent("close");
}

describe("in a popup", () => {
  it.each(["sso", "saml", "none"])(
    "a click leads to the figures that are this person's (%s)",
    async (method) => {
      const { page, context, seen, faults } = await open("sso", method === "sso" ? {} : { method });
      await signIn(page).waitFor();
      expect(context.pages()).toHaveLength(1);
      if (method === "sso") await picture(page, "saml-sign-in");
      const popup = await windowOf(page, context);
      await status(page, "authenticating");
      await page.getByText("Go on in the other window").waitFor();
      if (method === "sso") await picture(page, "saml-other-window");
      await popup.getByRole("link", { name: "I am Ann" }).click();
      await closed(popup);
      await shown(page);
      await status(page, "authenticated");
      expect(Number(await departures(page))).toBeGreaterThan(0);
      expect(count(seen, exchange)).toBe(1);
      // Nothing of the session is where a page of this origin could find it later.
      const kept = await page.evaluate(() =>
        JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
      );
      expect(kept).not.toMatch(/ors_|code/);
      expect(faults).toEqual([]);
      await context.close();
    },
  );

  it("each person has their own account and rows", async () => {
    const figures: (string | null)[] = [];
    for (const who of ["Ann", "Bob"]) {
      const { page, context } = await open("sso");
      const popup = await windowOf(page, context);
      await popup.getByRole("link", { name: `I am ${who}` }).click();
      await shown(page);
      figures.push(await departures(page));
      await context.close();
    }
    expect(figures[0]).not.toBe(figures[1]);
    const users = oriel("user", "list", "--output", "json");
    expect(users).toContain("ann@corp.example");
    expect(users).toContain("bob@corp.example");
  });

  it("while the identity provider knows the person, nobody is asked anything there", async () => {
    const { page, context } = await open("sso");
    const popup = await windowOf(page, context);
    await popup.getByRole("link", { name: "I am Ann" }).click();
    await shown(page);
    await page.reload();
    const second = await windowOf(page, context);
    await closed(second);
    await shown(page);
    await context.close();
  });

  it("with renew_for a page goes on without a window, also after a night, with the same figures", async () => {
    oriel("provider", "update", "--slug", "corp", "--renew-for", "8h");
    try {
      const { page, context, seen, faults } = await open("sso", {}, true);
      const popup = await windowOf(page, context);
      await popup.getByRole("link", { name: "I am Ann" }).click();
      await shown(page);
      const figure = await departures(page);
      for (const [minutes, exchanges] of [
        [9, 2],
        [240, 3],
      ] as const) {
        await page.clock.fastForward(minutes * 60_000);
        await expect.poll(() => count(seen, exchange), { timeout: 10_000 }).toBe(exchanges);
        await status(page, "authenticated");
      }
      expect(context.pages()).toHaveLength(1);
      expect(await departures(page)).toBe(figure);
      expect(faults).toEqual([]);
      await context.close();
    } finally {
      oriel("provider", "update", "--slug", "corp", "--renew-for", "");
    }
  });

  it("a renewal whose answer got lost is made once more, and nobody is asked", async () => {
    oriel("provider", "update", "--slug", "corp", "--renew-for", "8h");
    try {
      const { page, context } = await open("sso", {}, true);
      const popup = await windowOf(page, context);
      await popup.getByRole("link", { name: "I am Ann" }).click();
      await shown(page);
      const figure = await departures(page);
      const sent: (string | null)[] = [];
      const statuses: number[] = [];
      await page.route("**/api/v1/session", async (route) => {
        sent.push(route.request().postData());
        const answer = await route.fetch();
        statuses.push(answer.status());
        if (sent.length < 3) await route.abort();
        else await route.fulfill({ response: answer });
      });
      await page.clock.fastForward(9 * 60_000);
      await status(page, "degraded");
      for (const renewals of [2, 3]) {
        await page.clock.fastForward(5_000);
        await expect.poll(() => statuses.length, { timeout: 10_000 }).toBe(renewals);
      }
      await status(page, "authenticated");
      expect(statuses).toEqual([200, 200, 200]);
      expect(new Set(sent).size).toBe(1);
      expect(await departures(page)).toBe(figure);
      expect(context.pages()).toHaveLength(1);
      await context.close();
    } finally {
      oriel("provider", "update", "--slug", "corp", "--renew-for", "");
    }
  });

  it("whose session was ended elsewhere sees nothing more, and no window opens by itself", async () => {
    const { page, context } = await open("sso");
    const popup = await windowOf(page, context);
    await popup.getByRole("link", { name: "I am Ann" }).click();
    await shown(page);
    const figure = String(await departures(page));
    const [, ann] = /(usr_\w+) +ann@corp/.exec(oriel("user", "list")) ?? [];
    oriel("session", "revoke", "--user", String(ann));
    // The command is another process than the server, which hears of it within a second.
    await page.waitForTimeout(1_500);
    await page.getByRole("button", { name: /^Destination:/ }).click();
    await signIn(page).first().waitFor();
    await picture(page, "saml-ended");
    expect(await page.locator("#page").textContent()).not.toContain(figure);
    expect(context.pages()).toHaveLength(1);
    await context.close();
  });

  it("who signed out is back by one click", async () => {
    const { page, context, faults } = await open("sso");
    const popup = await windowOf(page, context);
    await popup.getByRole("link", { name: "I am Ann" }).click();
    await shown(page);
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByText("You are signed out").waitFor();
    await picture(page, "saml-signed-out");
    const again = await windowOf(page, context);
    await page.getByText("Go on in the other window").waitFor();
    await closed(again);
    await shown(page);
    expect(faults).toEqual([]);
    await context.close();
  });

  it("Oriel's own sign-out page says when there is nobody to sign out", async () => {
    const { page, context } = await openPage(given.browser);
    await page.goto(`${given.stack.oriel}/auth/saml/corp/logout`);
    await page.getByText("Nobody is signed in here").waitFor();
    await picture(page, "saml-nobody");
    await context.close();
  });

  it("with both methods on, a page that prefers JWT gets its token from the host", async () => {
    played.host.asked.length = 0;
    const { page, context, faults } = await open("sso", { method: "jwt" });
    await shown(page);
    expect(played.host.asked).toEqual(["ann"]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it("an identity provider that refuses is told as such, with the attempt's reference", async () => {
    const { page, context } = await open("sso");
    idp.refuses = true;
    const popup = await windowOf(page, context);
    await popup.getByRole("link", { name: "I am Ann" }).click();
    await status(page, "interaction-required");
    await page.getByText("idp_refused").waitFor();
    const reference = await page.locator(".oriel-notice code").first().textContent();
    // Records of what nobody signed are kept together, a moment later.
    const record = () => given.stack.command("sign-in", "show", reference ?? "").stdout;
    await expect.poll(record, { timeout: 15_000, interval: 500 }).toContain("idp_refused");
    await picture(page, "saml-refused");
    idp.refuses = false;
    const again = await windowOf(page, context);
    await closed(again);
    await shown(page);
    await context.close();
  });

  it("a window that is closed leads back to the click", async () => {
    const { page, context, seen } = await open("sso");
    const popup = await windowOf(page, context);
    await popup.getByRole("link", { name: "I am Ann" }).waitFor();
    await popup.close();
    await page.getByText("POPUP_CLOSED").waitFor();
    expect(count(seen, exchange)).toBe(0);
    const again = await windowOf(page, context);
    await again.getByRole("link", { name: "I am Ann" }).click();
    await shown(page);
    await context.close();
  });

  it("a window that the browser doesn't open is told, and can be tried again", async () => {
    const { page, context } = await open("sso");
    await signIn(page).waitFor();
    await page.evaluate(() => {
      Object.assign(window, { opens: window.open, open: () => null });
    });
    await signIn(page).click();
    await page.getByText("POPUP_BLOCKED").waitFor();
    await picture(page, "saml-blocked");
    await page.evaluate(() => {
      window.open = (window as unknown as { opens: typeof window.open }).opens;
    });
    const popup = await windowOf(page, context);
    await popup.getByRole("link", { name: "I am Ann" }).click();
    await shown(page);
    await context.close();
  });

  it("an identity provider that cuts the opener off still leads to the figures, by the callback page", async () => {
    const { page, context } = await open("sso");
    idp.cutsOff = true;
    const popup = await windowOf(page, context);
    await popup.getByRole("link", { name: "I am Bob" }).click();
    await shown(page);
    await status(page, "authenticated");
    await context.close();
  });
});

describe("without another window", () => {
  it("the page leaves in the click, comes back where it was, and shows the figures", async () => {
    const { page, context, seen, faults } = await open("sso", { method: "redirect" });
    const before = page.url();
    await signIn(page).click();
    await page.getByRole("link", { name: "I am Ann" }).click();
    await page.waitForURL(before);
    await shown(page);
    expect(context.pages()).toHaveLength(1);
    expect(count(seen, exchange)).toBe(1);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(kept).toBe("[{},{}]");
    // The identity provider has no icon.
    expect(faults.filter((one) => !one.includes("404"))).toEqual([]);
    await context.close();
  });

  it("a refusal is told on the page that it left", async () => {
    const { page, context } = await open("sso", { method: "redirect" });
    const before = page.url();
    idp.refuses = true;
    await signIn(page).click();
    await page.getByRole("link", { name: "I am Ann" }).click();
    await page.waitForURL(before);
    await page.getByText("idp_refused").waitFor();
    await context.close();
  });
});

describe("who tries what isn't theirs", () => {
  it("a page of an origin that isn't authorized gets no window further than Oriel", async () => {
    const { page, context } = await openPage(given.browser);
    const before = idp.asked;
    const query = new URLSearchParams({
      origin: "http://evil.example",
      state: "s",
      code_challenge: "c".repeat(43),
    });
    const answer = await page.goto(`${given.stack.oriel}/auth/saml/corp/start?${query.toString()}`);
    expect(answer?.status()).toBe(403);
    await page.getByText("This page's origin is not allowed").waitFor();
    expect(idp.asked).toBe(before);
    await picture(page, "saml-origin-refused");
    await context.close();
  });

  it("whoever sends a start link to somebody else gets nothing of theirs", async () => {
    // The attacker's page has begun, and waits for what the other window says.
    const attacker = await open("sso");
    await signIn(attacker.page).waitFor();
    await attacker.page.evaluate(() => {
      const opened: string[] = [];
      Object.assign(window, {
        opened,
        open: (url: string) => (opened.push(url), { closed: false, close: () => undefined }),
      });
    });
    await signIn(attacker.page).click();
    const link = await attacker.page.evaluate(() => (window as unknown as { opened: string[] }).opened[0]);
    // The victim opens the link in their own browser, and signs in.
    const victim = await openPage(given.browser);
    await victim.page.goto(link ?? "");
    await victim.page.getByRole("link", { name: "I am Ann" }).click();
    await victim.page.locator("#done").waitFor();
    expect(victim.page.url()).not.toContain("code=");
    await attacker.page.waitForTimeout(1500);
    expect(count(attacker.seen, exchange)).toBe(0);
    await status(attacker.page, "authenticating");
    await attacker.context.close();
    await victim.context.close();
  });

  it("in a frame of another site the sign-in never hangs: the window opens, or it is told why not", async () => {
    const { page, context } = await openPage(given.browser);
    await page.goto(`${idp.url}/?${new URLSearchParams({ framed: played.host.scene("sso") }).toString()}`);
    const frame = page.frameLocator("iframe");
    const [popup] = await Promise.all([
      context.waitForEvent("page"),
      frame.getByRole("button", { name: "Sign in" }).click(),
    ]);
    await popup.getByRole("link", { name: "I am Ann" }).click();
    await frame.locator('#status[data-status="authenticated"]').waitFor();
    // The start itself refuses a frame.
    const before = idp.asked;
    await page.goto(
      `${idp.url}/?${new URLSearchParams({ framed: `${given.stack.oriel}/auth/saml/corp/start` }).toString()}`,
    );
    expect(idp.asked).toBe(before);
    await context.close();
  });
});

describe("an administrator tries it out", () => {
  it("before it is switched on: the link leads there, and the command tells what came", async () => {
    oriel("provider", "update", "--slug", "corp", "--disable");
    const tried = spawn(join(root, "bin", "oriel"), ["provider", "test", "corp", "--wait", "30s"], {
      cwd: given.stack.dir,
      env: given.stack.env,
    });
    try {
      let told = "";
      tried.stdout.setEncoding("utf8").on("data", (text: string) => (told += text));
      const ended = new Promise<number | null>((done) => tried.once("close", done));
      const link = await new Promise<string>((done) => {
        let words = "";
        tried.stderr.setEncoding("utf8").on("data", (text: string) => {
          words += text;
          const found = /http\S+\/start\?trial=\S+/.exec(words)?.[0];
          if (found) done(found);
        });
      });
      const users = oriel("user", "list");
      const { page, context } = await openPage(given.browser);
      await page.goto(link);
      await page.getByRole("link", { name: "I am Ann" }).click();
      await page.getByText("The test is over").waitFor();
      await picture(page, "saml-tried");
      expect(await ended).toBe(0);
      expect(told).toMatch(/outcome +accepted/);
      expect(told).toMatch(/e-mail +ann@corp\.example/);
      expect(told).toMatch(/groups here +.*operators/);
      expect(told).toMatch(/attribute airport +DFW/);
      expect(told).toMatch(/signature +passed/);
      expect(await context.cookies()).not.toContainEqual(expect.objectContaining({ name: "oriel_session" }));
      expect(oriel("user", "list")).toBe(users);
      // It is good once.
      const again = await page.goto(link);
      expect(again?.status()).toBe(404);
      await context.close();
    } finally {
      tried.kill();
      oriel("provider", "update", "--slug", "corp", "--enable");
    }
  });
});

describe("in the browser itself", () => {
  it("a person is sent there and back, and is signed in once", async () => {
    const { page, context } = await openPage(given.browser);
    await page.goto(`${given.stack.oriel}/auth/sso?provider=corp`);
    await page.getByRole("link", { name: "I am Ann" }).click();
    await page.waitForURL(`${given.stack.oriel}/`);
    const answer = await context.request.get(`${given.stack.oriel}/api/v1/session`, {
      headers: { "Sec-Fetch-Site": "same-origin" },
    });
    const who = (await answer.json()) as { user: { email: string } };
    expect(who.user.email).toBe("ann@corp.example");
    await page.goBack();
    await context.close();
  });

  it("the page on the way stands alone where scripts don't run", async () => {
    const context = await given.browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 360, height: 700 },
      colorScheme: "dark",
    });
    const page = await context.newPage();
    await page.goto(`${given.stack.oriel}/auth/sso?provider=corp`);
    await page.getByRole("link", { name: "I am Ann" }).click();
    // The identity provider's page needs its own click there; then ours.
    const form = await page.content();
    const value = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? "";
    await page.setContent(
      `<form method="post" action="${given.stack.oriel}/auth/saml/corp/acs"><input name="SAMLResponse" value="${value("SAMLResponse")}"><input name="RelayState" value="${value("RelayState")}"><button>On</button></form>`,
    );
    await page.getByRole("button", { name: "On" }).click();
    const go = page.getByRole("button", { name: "Continue" });
    await go.waitFor();
    await picture(page, "saml-again-narrow-dark");
    await go.click();
    await page.waitForURL(`${given.stack.oriel}/`);
    await context.close();
  });
});
