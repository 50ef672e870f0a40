import { describe, expect, test, vi } from "vitest";
import { FakeWorld, json, problem, token } from "@oriel/test-utils";
import { createClient } from "./index.js";
import { client, endpoint, exchange, failure, minutes, run, seconds, world } from "./testing/signin.js";

describe("cold start", () => {
  test("nothing is fetched before the first call", async () => {
    const oriel = client();
    await minutes(60);
    expect(world.calls).toEqual([]);
    expect(oriel.auth.getState()).toEqual({ status: "idle" });
  });

  test("token, exchange, run: three requests, the exchange without preflight or cookies", async () => {
    await client().runQuestion("departures");
    expect(world.calls.map((call) => call.route)).toEqual([endpoint, exchange, run]);
    const [host, session, chart] = world.calls;
    expect(host?.url).toBe(`${world.host}?response=json`);
    expect(host?.credentials).toBe("include");
    expect(session?.credentials).toBe("omit");
    expect(session?.contentType).toBe("text/plain");
    expect(session?.body).toEqual({ jwt: token("t1") });
    expect(chart?.authorization).toBe("Bearer ors_1");
    expect(chart?.credentials).toBe("omit");
  });

  test("one more with discovery, which is kept for five minutes", async () => {
    world.lifetime = 60;
    const oriel = createClient({ server: world.server }, world.environment());
    await oriel.runQuestion("departures");
    expect(world.calls.map((call) => call.route)).toEqual(["GET /auth/sso", endpoint, exchange, run]);
    expect(world.calls[0]?.url).toBe(`${world.server}/auth/sso?client=sdk`);
    await minutes(4.5);
    expect(world.count(exchange)).toBeGreaterThan(3);
    expect(world.count("GET /auth/sso")).toBe(1);
    await minutes(2);
    expect(world.count("GET /auth/sso")).toBe(2);
  });

  test("discovery that answers another method says what to set", async () => {
    world.answers["GET /auth/sso"] = () =>
      json({ method: "saml", url: "https://oriel.test/auth/saml/x/start" });
    const auth = { type: "endpoint" } as const;
    const oriel = createClient({ server: world.server, auth }, world.environment());
    const error = await failure(oriel.auth.signIn());
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain('preferredAuthMethod to "jwt"');
  });
});

describe("rule 1: one exchange in flight", () => {
  test("parallel requests wait for it and go out with its token", async () => {
    const oriel = client();
    await Promise.all([
      oriel.runQuestion("departures"),
      oriel.runDashboard("operations"),
      oriel.auth.signIn(),
      oriel.parameterValues("operations", "destination"),
    ]);
    expect(world.count(exchange)).toBe(1);
    const content = world.calls.filter((call) => /\/(questions|dashboards)\//.test(call.url));
    expect(content).toHaveLength(3);
    expect(content.map((call) => call.authorization)).toEqual(content.map(() => "Bearer ors_1"));
  });

  test("requests during a renewal wait for the new token", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    let answer: (response: Response) => void = () => undefined;
    world.answers[exchange] = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    await minutes(8.1);
    expect(oriel.auth.getState().status).toBe("refreshing");
    const runs = [oriel.runQuestion("departures"), oriel.runQuestion("departures")];
    await seconds(1);
    expect(world.count(run)).toBe(0);
    answer(world.session());
    await Promise.all(runs);
    expect(world.count(exchange)).toBe(2);
    expect(world.calls.at(-1)?.authorization).toBe("Bearer ors_2");
  });
});

describe("rule 2: renewal", () => {
  test("at 80 % of the lifetime, and not before 77 %", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    await minutes(7.7);
    expect(world.count(exchange)).toBe(1);
    await minutes(0.4);
    expect(world.count(exchange)).toBe(2);
    expect(oriel.auth.getState().status).toBe("authenticated");
  });

  test.each([-86_400_000, 3_600_000])(
    "the server's clock being off by %i ms changes nothing",
    async (skew) => {
      world.skew = skew;
      const oriel = client();
      await oriel.auth.signIn();
      const state = oriel.auth.getState();
      expect("expiresAt" in state && state.expiresAt).toBe(Date.now() + 600_000);
      await minutes(7.7);
      expect(world.count(exchange)).toBe(1);
      await minutes(0.4);
      expect(world.count(exchange)).toBe(2);
    },
  );

  test("jitter spreads it between 77.5 and 82.5 %", async () => {
    for (const [random, before, after] of [
      [0, 7.74, 7.76],
      [0.9999, 8.24, 8.26],
    ] as const) {
      const another = new FakeWorld();
      const oriel = createClient(
        { server: another.server, auth: { type: "endpoint", url: another.host } },
        { ...another.environment(), random: () => random },
      );
      await oriel.auth.signIn();
      await minutes(before);
      expect(another.count(exchange)).toBe(1);
      await minutes(after - before);
      expect(another.count(exchange)).toBe(2);
      oriel.close();
    }
  });

  test("on waking when it is due, even when timers stood still", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    vi.setSystemTime(Date.now() + 9 * 60_000);
    world.wake("visible");
    await seconds(0);
    expect(world.count(exchange)).toBe(2);
    world.wake("visible");
    await seconds(0);
    expect(world.count(exchange)).toBe(2);
  });

  test("within a minute after sleep, without a sign from the browser", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    vi.setSystemTime(Date.now() + 60 * 60_000);
    await seconds(61);
    expect(world.count(exchange)).toBe(2);
    expect(oriel.auth.getState().status).toBe("authenticated");
  });

  test("no request goes out with a session that ended during sleep", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    vi.setSystemTime(Date.now() + 60 * 60_000);
    await oriel.runQuestion("departures");
    expect(world.calls.at(-1)?.authorization).toBe("Bearer ors_2");
  });
});

describe("rule 5: another subject", () => {
  test("a new subject aborts requests, ends the old session and signs in anew", async () => {
    const oriel = client({ subject: "kim" });
    await oriel.auth.signIn();
    world.answers[run] = () => new Promise<Response>(() => undefined);
    const running = oriel.runQuestion("departures").catch((e: unknown) => e);
    await seconds(0);
    oriel.update({ auth: { type: "endpoint", url: world.host }, subject: "lee" });
    expect((await running) as Error).toMatchObject({ name: "AbortError" });
    expect(world.calls.find((call) => call.route === run)?.signal?.aborted).toBe(true);
    await seconds(0);
    expect(world.count("DELETE /api/v1/session")).toBe(1);
    expect(world.count(exchange)).toBe(2);
  });

  test("a renewal that gives another user forgets the former's results", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    const watch = oriel.watchDashboard("operations");
    watch.subscribe(() => undefined);
    await seconds(1);
    expect(watch.getSnapshot().cards).toHaveLength(2);
    world.answers["POST /api/v1/dashboards/operations/run"] = () => new Promise<Response>(() => undefined);
    world.user = "usr_2";
    await minutes(8.1);
    expect(watch.getSnapshot()).toMatchObject({ cards: [], loading: true });
  });

  test("a session of a late exchange of the former subject is never used", async () => {
    const answers: ((response: Response) => void)[] = [];
    world.answers[exchange] = () => new Promise<Response>((resolve) => answers.push(resolve));
    const oriel = client({ subject: "kim" });
    oriel.auth.begin();
    await seconds(0);
    oriel.update({ auth: { type: "endpoint", url: world.host }, subject: "lee" });
    await seconds(0);
    answers[0]?.(world.session());
    await seconds(0);
    expect(oriel.auth.getState().status).toBe("authenticating");
    answers[1]?.(world.session());
    await seconds(0);
    await oriel.runQuestion("departures");
    expect(world.calls.at(-1)?.authorization).toBe("Bearer ors_2");
  });
});

describe("rule 6: tokens", () => {
  test("are nowhere that the page's code or an error's reader can look", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    world.answers[run] = () => problem(500, "internal");
    const error = await failure(oriel.runQuestion("departures"));
    world.answers[endpoint] = () => json({ jwt: 7, secret: "s3cret-value" });
    await minutes(8.1);
    const seen = new Set<unknown>();
    const texts: string[] = [];
    const walk = (value: unknown): void => {
      if (typeof value === "string") texts.push(value);
      if (typeof value !== "object" || value === null || seen.has(value)) return;
      seen.add(value);
      for (const key of Reflect.ownKeys(value)) walk((value as never)[key]);
    };
    walk([oriel, error, oriel.auth.getState(), { ...globalThis }]);
    const all = texts.join("\n");
    expect(all).not.toContain("ors_");
    expect(all).not.toContain(token("t1"));
    expect(all).not.toContain("s3cret-value");
  });

  test("two clients share nothing", async () => {
    const first = client();
    const second = client();
    await first.runQuestion("departures");
    await second.runQuestion("departures");
    expect(world.count(exchange)).toBe(2);
    first.auth.signOut();
    expect(second.auth.getState().status).toBe("authenticated");
  });

  test("signing out ends the session at the server and forgets everything", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    oriel.auth.signOut();
    await minutes(60);
    expect(oriel.auth.getState()).toEqual({ status: "signed-out", by: "user" });
    expect(world.count("DELETE /api/v1/session")).toBe(1);
    expect(world.count(exchange)).toBe(1);
  });
});

describe("rule 10: a new source", () => {
  test("starts no exchange, and is used at the next", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    const get = vi.fn(() => Promise.resolve(token("cb")));
    oriel.update({ auth: { type: "callback", get } });
    await minutes(1);
    expect(world.count(exchange)).toBe(1);
    expect(get).not.toHaveBeenCalled();
    await minutes(8);
    expect(get).toHaveBeenCalledOnce();
    expect(world.count(exchange)).toBe(2);
  });

  test("a callback's error with status 401 is signed-out", async () => {
    const get = () => Promise.reject(Object.assign(new Error("no"), { status: 401 }));
    const oriel = client({ auth: { type: "callback", get } });
    await failure(oriel.auth.signIn());
    expect(oriel.auth.getState().status).toBe("signed-out");
  });
});

describe("options", () => {
  test.each([
    [{ server: "" }, "`server` is missing"],
    [{ server: "oriel" }, "isn't a URL"],
    [{ server: "ftp://x.test" }, "must begin with https://"],
    [{ server: "https://u:p@x.test" }, "an address alone"],
    [{ preferredAuthMethod: "oidc" as "jwt" }, 'can be "jwt" or "saml"'],
    [{ preferredAuthMethod: "saml" as const }, 'set preferredAuthMethod to "jwt"'],
    [{ preferredAuthMethod: "jwt" as const, auth: { type: "sso" as const } }, "doesn't sign in by JWT"],
    [{ auth: { type: "sso", protocol: "oidc" } as never }, '`auth.protocol` can only be "saml"'],
    [{ auth: { type: "sso", via: "frame" } as never }, '`auth.via` must be "popup" or "redirect"'],
    [{ auth: { type: "popup" } as never }, '"endpoint", "callback" or "sso"'],
    [{ auth: { type: "callback" } as never }, "must be a function"],
  ])("%j is CONFIG_INVALID with a sentence", (wrong, sentence) => {
    expect(() => client(wrong)).toThrow(sentence);
  });
});
