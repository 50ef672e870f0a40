import { describe, expect, test, vi } from "vitest";
import { json, problem } from "@oriel/test-utils";
import { createClient, type AuthState, type ClientOptions } from "./index.js";
import { exchange, failure, run, seconds, world } from "./testing/signin.js";

const sso = { type: "sso" } as const;

function client(options: Partial<ClientOptions> = {}) {
  world.offerSAML();
  return createClient({ server: world.server, auth: sso, ...options }, world.environment());
}

type Oriel = ReturnType<typeof client>;

function waiting(oriel: Oriel): Extract<AuthState, { status: "interaction-required" }> {
  const state = oriel.auth.getState();
  if (state.status !== "interaction-required") throw new Error(`the state is ${state.status}`);
  return state;
}

/** Goes as far as the click, without it. */
async function ready(options: Partial<ClientOptions> = {}): Promise<Oriel> {
  const oriel = client(options);
  oriel.auth.begin();
  await vi.waitFor(() => waiting(oriel));
  return oriel;
}

/** Clicks; the window is open when this returns. */
function click(oriel: Oriel): Promise<void> {
  const done = waiting(oriel).begin();
  done.catch(() => undefined);
  return done;
}

async function signedIn(options: Partial<ClientOptions> = {}): Promise<Oriel> {
  const oriel = await ready(options);
  const done = click(oriel);
  world.windows.says({ code: "code-1" });
  await done;
  return oriel;
}

const sent = () => world.calls.filter((call) => call.route === exchange).map((call) => call.body);

describe("the way in", () => {
  test("no window opens before the click, and in it at once, with all that it needs", async () => {
    const oriel = await ready();
    expect(world.windows.opened).toHaveLength(0);
    expect(waiting(oriel).code).toBe("not_authenticated");
    expect(world.calls[0]?.url).toBe(`${world.server}/auth/sso?client=sdk&preferred_method=saml`);
    const done = click(oriel);
    const [opened] = world.windows.opened;
    expect(`${opened?.url.origin ?? ""}${opened?.url.pathname ?? ""}`).toBe(
      `${world.server}/auth/saml/corp/start`,
    );
    expect(Object.fromEntries(opened?.url.searchParams ?? [])).toEqual({
      state: "random-1",
      code_challenge: "hash-of-random-2",
      origin: "https://page.test",
    });
    expect(oriel.auth.getState().status).toBe("authenticating");
    world.windows.says({ code: "code-1" });
    await done;
    expect(oriel.auth.getState().status).toBe("authenticated");
    expect(sent()).toEqual([{ code: "code-1", code_verifier: "random-2", state: "random-1" }]);
    expect(world.calls.find((call) => call.route === exchange)?.contentType).toBe("text/plain");
    expect(world.windows.listeners).toBe(0);
    await oriel.runQuestion("departures");
  });

  test.each([
    ["nothing", {}],
    ["the method", { preferredAuthMethod: "saml" as const }],
  ])("SAML is taken when the page says %s", async (_, options) => {
    world.offerSAML();
    const oriel = createClient({ server: world.server, ...options }, world.environment());
    oriel.auth.begin();
    await vi.waitFor(() => waiting(oriel));
    oriel.close();
  });

  test("who asks for figures before the click is told that nobody is signed in", async () => {
    const oriel = await ready();
    expect((await failure(oriel.runQuestion("departures"))).code).toBe("not_authenticated");
    expect(world.windows.opened).toHaveLength(0);
  });

  test("signIn opens the window too, inside the click that calls it", async () => {
    const oriel = await ready();
    const done = oriel.auth.signIn();
    expect(world.windows.opened).toHaveLength(1);
    world.windows.says({ code: "code-1" });
    await done;
    expect(oriel.auth.getState().status).toBe("authenticated");
  });
});

describe("somebody who asks to sign in by a click, before anything is ready", () => {
  async function left(options: Partial<ClientOptions> = {}): Promise<Oriel> {
    const oriel = await signedIn(options);
    oriel.auth.signOut();
    world.windows.click = true;
    return oriel;
  }

  test("has the window at once, also after signing out, and the page says so", async () => {
    const oriel = await left();
    const done = oriel.auth.signIn();
    await vi.waitFor(() => {
      expect(world.windows.opened).toHaveLength(2);
    });
    expect(oriel.auth.getState()).toMatchObject({ status: "authenticating", inWindow: true });
    world.windows.says({ code: "code-2" });
    await done;
    expect(oriel.auth.getState().status).toBe("authenticated");
    oriel.close();
  });

  test("clicks once more when the click is too old, and no window is tried", async () => {
    const oriel = await left();
    world.windows.click = false;
    expect((await failure(oriel.auth.signIn())).code).toBe("not_authenticated");
    expect(world.windows.opened).toHaveLength(1);
    expect(waiting(oriel).code).toBe("not_authenticated");
    oriel.close();
  });

  test("a click on something else opens no window", async () => {
    const oriel = client();
    world.windows.click = true;
    await failure(oriel.runQuestion("departures"));
    oriel.auth.begin();
    await seconds(1);
    expect(world.windows.opened).toHaveLength(0);
    waiting(oriel);
    oriel.close();
  });

  test("the page itself leaves by the click, and never without one", async () => {
    const redirect = { auth: { type: "sso", via: "redirect" } } as const;
    const oriel = client(redirect);
    await failure(oriel.auth.signIn());
    expect(world.windows.left).toBeUndefined();
    oriel.close();
    world.windows.click = true;
    const again = client(redirect);
    void again.auth.signIn().catch(() => undefined);
    await vi.waitFor(() => {
      expect(world.windows.left).toBeDefined();
    });
    again.close();
  });
});

describe("what a window says", () => {
  test("one answer is redeemed, once", async () => {
    const oriel = await signedIn();
    world.windows.says({ code: "code-2" });
    world.windows.broadcasts({ code: "code-2" });
    await seconds(1);
    expect(world.count(exchange)).toBe(1);
    oriel.close();
  });

  test.each([
    ["another origin", { origin: "https://evil.test" }],
    ["another window", { source: {} }],
  ])("an answer of %s is not redeemed", async (_, from) => {
    const oriel = await ready();
    const done = failure(click(oriel));
    world.windows.says({ code: "code-1" }, from);
    expect((await done).code).toBe("POPUP_ORIGIN");
    expect(world.count(exchange)).toBe(0);
    expect(waiting(oriel).code).toBe("POPUP_ORIGIN");
  });

  test.each([
    ["another state", { state: "another", code: "code-1" }],
    ["no state", { state: undefined, code: "code-1" }],
    ["another type", { type: "OTHER", code: "code-1" }],
  ])("a message with %s is somebody else's", async (_, data) => {
    const oriel = await ready();
    const done = click(oriel);
    world.windows.says(data);
    world.windows.broadcasts(data);
    await seconds(3);
    expect(world.count(exchange)).toBe(0);
    expect(oriel.auth.getState().status).toBe("authenticating");
    world.windows.says({ code: "code-1" });
    await done;
  });

  test("a refusal has the server's code and its reference", async () => {
    const oriel = await ready();
    const done = failure(click(oriel));
    world.windows.says({ error: "idp_refused", request_id: "XK7-4QF" });
    const error = await done;
    expect([error.code, error.reference]).toEqual(["idp_refused", "XK7-4QF"]);
    expect(waiting(oriel).error).toBe(error);
    expect(world.count(exchange)).toBe(0);
  });

  test.each([
    ["nothing", {}],
    ["an empty code", { code: "" }],
    ["a code that is no text", { code: 1 }],
  ])("an answer with %s is a refusal, and is not redeemed", async (_, data) => {
    const oriel = await ready();
    const done = failure(click(oriel));
    world.windows.says(data);
    expect((await done).code).toBe("idp_refused");
    expect(world.count(exchange)).toBe(0);
    expect(world.windows.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a second click while the window is open opens no other, and waits for the first", async () => {
    const oriel = await ready();
    const { begin } = waiting(oriel);
    const done = [begin(), begin(), oriel.auth.signIn()];
    expect(world.windows.opened).toHaveLength(1);
    world.windows.says({ code: "code-1" });
    await Promise.all(done);
    expect(world.count(exchange)).toBe(1);
    // A button that the page forgot to take away does nothing either.
    await begin();
    expect(world.windows.opened).toHaveLength(1);
    oriel.close();
  });

  test("of two tabs only the one that began takes what the callback page says", async () => {
    const one = await ready();
    const first = click(one);
    const state = world.windows.opened[0]?.url.searchParams.get("state");
    const other = await ready();
    void click(other);
    world.windows.broadcasts({ state, code: "code-1" });
    await first;
    expect(one.auth.getState().status).toBe("authenticated");
    expect(other.auth.getState().status).toBe("authenticating");
    expect(world.count(exchange)).toBe(1);
    one.close();
    other.close();
  });

  test("what comes by the callback page is taken as well", async () => {
    const oriel = await ready();
    const done = click(oriel);
    world.windows.broadcasts({ code: "code-1" });
    await done;
    expect(sent()).toEqual([{ code: "code-1", code_verifier: "random-2", state: "random-1" }]);
  });
});

describe("what can go wrong", () => {
  test("a window that the browser doesn't let open", async () => {
    const heard = vi.fn();
    const oriel = await ready({ onError: heard });
    world.windows.blocks = true;
    expect((await failure(click(oriel))).code).toBe("POPUP_BLOCKED");
    expect(waiting(oriel).code).toBe("POPUP_BLOCKED");
    expect(heard).toHaveBeenCalledOnce();
    world.windows.blocks = false;
    const done = click(oriel);
    world.windows.says({ code: "code-1" });
    await done;
    expect(oriel.auth.getState().status).toBe("authenticated");
  });

  test("a window that is closed, after a moment in which an answer may still come", async () => {
    const oriel = await ready();
    const done = failure(click(oriel));
    const [first] = world.windows.opened;
    if (first) first.isClosed = true;
    await seconds(1);
    expect(oriel.auth.getState().status).toBe("authenticating");
    await seconds(3);
    expect((await done).code).toBe("POPUP_CLOSED");
    expect(waiting(oriel).code).toBe("POPUP_CLOSED");
    // The next try has a state and a verifier of its own.
    void click(oriel);
    expect(world.windows.opened[1]?.url.searchParams.get("state")).not.toBe("random-1");
    oriel.close();
  });

  test("a window that only looks closed still brings its person in", async () => {
    const oriel = await ready();
    void click(oriel);
    const [first] = world.windows.opened;
    if (first) first.isClosed = true;
    await seconds(4);
    expect(waiting(oriel).code).toBe("POPUP_CLOSED");
    await seconds(60);
    world.windows.broadcasts({ code: "code-1" });
    await seconds(1);
    expect(oriel.auth.getState().status).toBe("authenticated");
    expect(sent()).toEqual([{ code: "code-1", code_verifier: "random-2", state: "random-1" }]);
    oriel.close();
  });

  test("a window of somebody who was here before brings nobody in", async () => {
    const oriel = await ready({ subject: "ann" });
    void click(oriel);
    const [first] = world.windows.opened;
    if (first) first.isClosed = true;
    await seconds(4);
    expect(waiting(oriel).code).toBe("POPUP_CLOSED");
    oriel.update({ auth: sso, subject: "gus" });
    await vi.waitFor(() => expect(waiting(oriel).code).toBe("not_authenticated"));
    world.windows.broadcasts({ code: "code-of-ann" });
    await seconds(1);
    expect(world.count(exchange)).toBe(0);
    expect(waiting(oriel).code).toBe("not_authenticated");
    oriel.close();
  });

  test("an answer that comes late is left alone while another window is open", async () => {
    const oriel = await ready();
    void click(oriel);
    const [first] = world.windows.opened;
    const state = first?.url.searchParams.get("state");
    if (first) first.isClosed = true;
    await seconds(4);
    const done = click(oriel);
    world.windows.broadcasts({ state, code: "code-1" });
    await seconds(1);
    expect(world.count(exchange)).toBe(0);
    world.windows.says({ code: "code-2" });
    await done;
    expect(sent()).toEqual([{ code: "code-2", code_verifier: "random-4", state: "random-3" }]);
    oriel.close();
  });

  test("nobody ends it in five minutes", async () => {
    const oriel = await ready();
    const done = failure(click(oriel));
    await seconds(301);
    expect((await done).code).toBe("POPUP_TIMEOUT");
    expect(waiting(oriel).code).toBe("POPUP_TIMEOUT");
    expect(world.windows.listeners).toBe(0);
  });

  test("a code that Oriel refuses leads back to the click", async () => {
    const oriel = await ready();
    world.answers[exchange] = () => problem(401, "code_invalid");
    const done = failure(click(oriel));
    world.windows.says({ code: "code-1" });
    expect((await done).code).toBe("code_invalid");
    expect(waiting(oriel).error.reference).toBe("XK7-4QF");
    expect(world.count(exchange)).toBe(1);
  });

  test("somebody whom Oriel lets in no longer is signed out, and not asked again", async () => {
    const oriel = await ready();
    world.answers[exchange] = () => problem(403, "user_deactivated");
    const done = failure(click(oriel));
    world.windows.says({ code: "code-1" });
    expect((await done).code).toBe("user_deactivated");
    expect(oriel.auth.getState()).toMatchObject({ status: "signed-out", by: "server" });
  });

  test("an Oriel that doesn't answer is asked again, and no window opens for it", async () => {
    const oriel = client();
    world.answers["GET /auth/sso"] = () => json({}, 503);
    await failure(oriel.auth.signIn());
    expect(oriel.auth.getState().status).toBe("error");
    world.offerSAML();
    await seconds(5);
    waiting(oriel);
    expect(world.windows.opened).toHaveLength(0);
  });
});

describe("renewal", () => {
  test("a window opens by itself where the browser lets it, and figures don't wait for it", async () => {
    const oriel = await signedIn();
    await seconds(480);
    expect(world.windows.opened).toHaveLength(2);
    expect(oriel.auth.getState().status).toBe("refreshing");
    await oriel.runQuestion("departures");
    expect(world.count(run)).toBe(1);
    world.windows.says({ code: "code-2" });
    await seconds(1);
    expect(oriel.auth.getState().status).toBe("authenticated");
    expect(world.count(exchange)).toBe(2);
    oriel.close();
  });

  test("where it doesn't, the old session is used to its end, and then somebody is asked", async () => {
    const oriel = await signedIn();
    world.windows.blocks = true;
    await seconds(480);
    const state = oriel.auth.getState();
    expect(state).toMatchObject({ status: "degraded", cause: { code: "POPUP_BLOCKED" } });
    await oriel.runQuestion("departures");
    await seconds(60);
    expect(oriel.auth.getState().status).toBe("degraded");
    await seconds(61);
    expect(waiting(oriel).code).toBe("POPUP_BLOCKED");
    await failure(oriel.runQuestion("departures"));
    world.windows.blocks = false;
    await seconds(600);
    // Nobody is surprised by a window.
    expect(world.windows.opened).toHaveLength(1);
    const done = click(oriel);
    world.windows.says({ code: "code-2" });
    await done;
    expect(oriel.auth.getState().status).toBe("authenticated");
    oriel.close();
  });

  test("a session that renews itself needs no window, and the next one goes on from there", async () => {
    world.renewableFor = 3600;
    const oriel = await signedIn();
    const seen: string[] = [];
    oriel.auth.subscribe(() => seen.push(oriel.auth.getState().status));
    await seconds(485);
    await seconds(485);
    expect(sent().slice(1)).toEqual([
      { renew: "ors_1", attempt: "random-3" },
      { renew: "ors_2", attempt: "random-4" },
    ]);
    expect(world.windows.opened).toHaveLength(1);
    expect(seen).toEqual(["refreshing", "authenticated", "refreshing", "authenticated"]);
    await oriel.runQuestion("departures");
    oriel.close();
  });

  test("a session that is over renews itself when the machine wakes", async () => {
    world.renewableFor = 3600;
    const oriel = await signedIn();
    vi.setSystemTime(Date.now() + 1_800_000);
    await oriel.runQuestion("departures");
    expect(sent().at(-1)).toMatchObject({ renew: "ors_1" });
    expect(world.windows.opened).toHaveLength(1);
    oriel.close();
  });

  test("a renewal that Oriel refuses is followed by a window", async () => {
    world.renewableFor = 3600;
    const oriel = await signedIn();
    world.answers[exchange] = () => problem(401, "session_expired");
    await seconds(485);
    expect(world.windows.opened).toHaveLength(2);
    world.answers[exchange] = () => world.session();
    world.windows.says({ code: "code-2" });
    await seconds(1);
    expect(oriel.auth.getState().status).toBe("authenticated");
    expect(world.count(exchange)).toBe(3);
    oriel.close();
  });

  test.each([3600, 0])(
    "a session that was ended elsewhere opens no window, and what it showed goes (renewable for %i s)",
    async (renewable) => {
      world.renewableFor = renewable;
      const oriel = await signedIn();
      const watch = oriel.watchDashboard("operations");
      watch.subscribe(() => undefined);
      await seconds(1);
      expect(watch.getSnapshot().cards).toHaveLength(2);
      world.answers[run] = () => problem(401, "session_revoked");
      world.answers[exchange] = () => problem(401, "session_revoked");
      expect((await failure(oriel.runQuestion("departures"))).code).toBe("not_authenticated");
      expect(waiting(oriel).code).toBe("not_authenticated");
      expect(world.windows.opened).toHaveLength(1);
      expect(watch.getSnapshot().cards).toEqual([]);
      oriel.close();
    },
  );

  test("a session that is over, and can't renew itself, opens no window when the machine wakes", async () => {
    const oriel = await signedIn();
    vi.setSystemTime(Date.now() + 1_800_000);
    await failure(oriel.runQuestion("departures"));
    waiting(oriel);
    expect(world.windows.opened).toHaveLength(1);
    oriel.close();
  });

  test("a renewal without an answer is tried again, and no window opens for it", async () => {
    world.renewableFor = 3600;
    const oriel = await signedIn();
    world.answers[exchange] = () => json({}, 503);
    await seconds(485);
    expect(oriel.auth.getState().status).toBe("degraded");
    world.answers[exchange] = () => world.session();
    await seconds(30);
    expect(oriel.auth.getState().status).toBe("authenticated");
    expect(world.windows.opened).toHaveLength(1);
    oriel.close();
  });

  test("a renewal whose answer got lost is the same one when it is tried again, also after the session's end", async () => {
    world.renewableFor = 3600;
    const oriel = await signedIn();
    world.answers[exchange] = () => Promise.reject(new TypeError("the network is gone"));
    await seconds(620);
    expect(oriel.auth.getState().status).toBe("error");
    world.answers[exchange] = () => world.session();
    await seconds(61);
    expect(oriel.auth.getState().status).toBe("authenticated");
    expect(
      new Set(
        sent()
          .slice(1)
          .map((one) => JSON.stringify(one)),
      ),
    ).toEqual(new Set([JSON.stringify({ renew: "ors_1", attempt: "random-3" })]));
    expect(sent().length).toBeGreaterThan(3);
    expect(world.windows.opened).toHaveLength(1);
    oriel.close();
  });

  test("a machine that wakes before its network does renews itself once that is there", async () => {
    world.renewableFor = 3600;
    const oriel = await signedIn();
    world.answers[exchange] = () => Promise.reject(new TypeError("no network yet"));
    vi.setSystemTime(Date.now() + 1_800_000);
    await seconds(61);
    world.answers[exchange] = () => world.session();
    await seconds(61);
    expect(oriel.auth.getState().status).toBe("authenticated");
    expect(world.windows.opened).toHaveLength(1);
    oriel.close();
  });

  test("a person who was let in no longer is signed out by the renewal, without a window", async () => {
    world.renewableFor = 3600;
    const oriel = await signedIn();
    world.answers[exchange] = () => problem(403, "user_deactivated");
    await seconds(485);
    expect(oriel.auth.getState()).toMatchObject({ status: "signed-out", by: "server" });
    expect(world.windows.opened).toHaveLength(1);
  });

  test("whoever comes next renews nothing of the former person's", async () => {
    world.renewableFor = 3600;
    const oriel = await signedIn();
    oriel.update({ auth: sso, subject: "somebody else" });
    await vi.waitFor(() => waiting(oriel));
    expect(world.count(exchange)).toBe(1);
    oriel.close();
  });

  test("no window opens by itself after one that failed", async () => {
    const oriel = await signedIn();
    await seconds(480);
    const [, second] = world.windows.opened;
    if (second) second.isClosed = true;
    await seconds(4);
    expect(oriel.auth.getState()).toMatchObject({ status: "degraded", cause: { code: "POPUP_CLOSED" } });
    await seconds(200);
    expect(world.windows.opened).toHaveLength(2);
    waiting(oriel);
    oriel.close();
  });
});

describe("after a renewal that Oriel didn't answer", () => {
  test("no window opens by itself once the session has ended", async () => {
    const oriel = await signedIn();
    world.answers["GET /auth/sso"] = () => json({}, 503);
    await seconds(620);
    expect(oriel.auth.getState().status).toBe("error");
    world.offerSAML();
    await seconds(61);
    expect(waiting(oriel).code).toBe("not_authenticated");
    expect(world.windows.opened).toHaveLength(1);
    oriel.close();
  });
});

describe("who leaves", () => {
  test.each([
    ["signs out", (oriel: Oriel) => oriel.auth.signOut(), "signed-out"],
    ["closes the client", (oriel: Oriel) => oriel.close(), "idle"],
  ])("who %s while a window is open closes it", async (_, leave, status) => {
    const oriel = await ready();
    void click(oriel);
    leave(oriel);
    expect(world.windows.opened[0]?.isClosed).toBe(true);
    expect(world.windows.listeners).toBe(0);
    world.windows.says({ code: "code-1" });
    await seconds(5);
    expect(oriel.auth.getState().status).toBe(status);
    expect(world.count(exchange)).toBe(0);
  });

  test("who signs out while a renewal gets its window ready sees none", async () => {
    const oriel = await signedIn();
    let go: (challenge: string) => void = () => undefined;
    world.windows.challenge = () => new Promise((done) => (go = done));
    await seconds(480);
    expect(oriel.auth.getState().status).toBe("refreshing");
    oriel.auth.signOut();
    go("hash");
    await seconds(1);
    expect(world.windows.opened).toHaveLength(1);
    expect(oriel.auth.getState().status).toBe("signed-out");
  });

  test("another subject is asked to sign in, and no window opens for them", async () => {
    const oriel = await signedIn({ subject: "ann" });
    oriel.update({ auth: sso, subject: "gus" });
    await vi.waitFor(() => waiting(oriel));
    expect(world.windows.opened).toHaveLength(1);
    expect(world.count("DELETE /api/v1/session")).toBe(1);
  });
});

describe("without another window", () => {
  const redirect = { auth: { type: "sso", via: "redirect" } } as const;

  test("the click leaves the page with what it needs to come back", async () => {
    const oriel = await ready(redirect);
    void click(oriel);
    const { left } = world.windows;
    expect(world.windows.opened).toHaveLength(0);
    expect(left?.url.searchParams.get("state")).toBe("random-1");
    expect(left?.kept).toEqual({
      server: world.server,
      state: "random-1",
      verifier: "random-2",
      page: "https://page.test/figures?tab=2",
    });
    oriel.close();
  });

  test("a page that never left, or is shown again by the browser's button, asks for the click again", async () => {
    const oriel = await ready(redirect);
    const done = failure(click(oriel));
    await seconds(9);
    expect(oriel.auth.getState()).toMatchObject({ status: "authenticating", inWindow: true });
    await seconds(2);
    expect((await done).code).toBe("POPUP_CLOSED");
    expect(waiting(oriel).code).toBe("POPUP_CLOSED");
    void click(oriel);
    expect(world.windows.left?.kept).toMatchObject({ state: "random-3", verifier: "random-4" });
    oriel.close();
  });

  test("a browser that keeps nothing for the way back is told, and the page stays", async () => {
    const oriel = await ready(redirect);
    world.windows.leave = () => {
      throw new DOMException("no storage here", "SecurityError");
    };
    expect((await failure(click(oriel))).code).toBe("POPUP_BLOCKED");
    expect(waiting(oriel).code).toBe("POPUP_BLOCKED");
    oriel.close();
  });

  test("the address says that the page itself leaves", async () => {
    const oriel = await ready(redirect);
    void click(oriel);
    expect(world.windows.left?.url.searchParams.get("via")).toBe("redirect");
    oriel.close();
  });

  test("a page that is back redeems what it came with, once, and nobody clicks", async () => {
    const kept = { server: world.server, state: "s", verifier: "v", page: "https://page.test/" };
    world.windows.back = { ...kept, answer: { type: "ORIEL_AUTH", state: "s", code: "code-1" } };
    const oriel = client(redirect);
    await oriel.runQuestion("departures");
    expect(sent()).toEqual([{ code: "code-1", code_verifier: "v", state: "s" }]);
    expect(oriel.auth.getState().status).toBe("authenticated");
    world.windows.left = undefined;
    // A renewal never takes the page away.
    await seconds(600);
    expect(world.windows.left).toBeUndefined();
    waiting(oriel);
    oriel.close();
  });

  test.each([
    ["nothing", { type: "ORIEL_AUTH", state: "s" }],
    ["what is no answer", { type: "OTHER", state: "s", code: "code-1" }],
  ])("a page that is back with %s redeems nothing, and asks for the click", async (_, answer) => {
    world.windows.back = {
      server: world.server,
      state: "s",
      verifier: "v",
      page: "https://page.test/",
      answer,
    };
    const oriel = await ready(redirect);
    expect(waiting(oriel).code).toBe("idp_refused");
    expect(world.count(exchange)).toBe(0);
    oriel.close();
  });

  test("a page that is back with a refusal says which", async () => {
    const kept = { server: world.server, state: "s", verifier: "v", page: "https://page.test/" };
    world.windows.back = {
      ...kept,
      answer: { type: "ORIEL_AUTH", state: "s", error: "idp_refused", request_id: "XK7-4QF" },
    };
    const oriel = await ready(redirect);
    expect(waiting(oriel).error.reference).toBe("XK7-4QF");
    expect(world.count(exchange)).toBe(0);
    oriel.close();
  });
});
