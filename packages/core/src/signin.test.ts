import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeWorld, json, problem, token } from "@oriel/test-utils";
import { createClient, OrielError, type ClientOptions } from "./index.js";

const exchange = "POST /api/v1/session";
const endpoint = "GET /sso";
const run = "POST /api/v1/questions/departures/run";

let world: FakeWorld;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new FakeWorld();
});
afterEach(() => {
  vi.useRealTimers();
});

function client(options: Partial<ClientOptions> = {}) {
  return createClient(
    {
      server: world.server,
      auth: { type: "endpoint", url: world.host },
      ...options,
    },
    world.environment(),
  );
}

async function failure(promise: Promise<unknown>): Promise<OrielError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!OrielError.is(error)) throw new Error(`no OrielError: ${String(error)}`);
  return error;
}

const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

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
    const oriel = createClient({ server: world.server }, world.environment());
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
      world = new FakeWorld();
      const oriel = createClient(
        { server: world.server, auth: { type: "endpoint", url: world.host } },
        { ...world.environment(), random: () => random },
      );
      await oriel.auth.signIn();
      await minutes(before);
      expect(world.count(exchange)).toBe(1);
      await minutes(after - before);
      expect(world.count(exchange)).toBe(2);
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

describe("rule 3: refused sessions", () => {
  test("a 401 renews once and replays once", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    const answer = world.answers[run]!;
    world.answers[run] = (call) =>
      call.authorization === "Bearer ors_1" ? problem(401, "session_revoked") : answer(call);
    const runs = await Promise.all([oriel.runQuestion("departures"), oriel.runQuestion("departures")]);
    expect(runs).toHaveLength(2);
    expect(world.count(exchange)).toBe(2);
    expect(world.count(run)).toBe(4);
  });

  test("a second 401 is thrown", async () => {
    world.answers[run] = () => problem(401, "session_invalid");
    const error = await failure(client().runQuestion("departures"));
    expect(error.code).toBe("session_invalid");
    expect(world.count(exchange)).toBe(2);
    expect(world.count(run)).toBe(2);
  });

  test("a 403 is never replayed", async () => {
    world.answers[run] = () => problem(403, "origin_mismatch");
    const error = await failure(client().runQuestion("departures"));
    expect(error).toMatchObject({
      code: "origin_mismatch",
      status: 403,
      reference: "XK7-4QF",
      retryable: false,
    });
    expect(world.count(exchange)).toBe(1);
    expect(world.count(run)).toBe(1);
  });
});

describe("rule 4: failures", () => {
  test.each([401, 403])(
    "the host endpoint answering %i is signed-out, and no more asking",
    async (status) => {
      world.answers[endpoint] = () => json({}, status);
      const oriel = client();
      const error = await failure(oriel.runQuestion("departures"));
      expect(error.code).toBe("not_authenticated");
      expect(oriel.auth.getState()).toEqual({
        status: "signed-out",
        by: "host",
      });
      world.wake("online");
      world.wake("visible");
      oriel.auth.begin();
      await minutes(60);
      await failure(oriel.runQuestion("departures"));
      expect(world.calls).toHaveLength(1);
    },
  );

  test("a host that signs out during the session ends it at the renewal", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    world.answers[endpoint] = () => json({}, 401);
    await minutes(8.1);
    expect(oriel.auth.getState().status).toBe("signed-out");
    await failure(oriel.runQuestion("departures"));
    expect(world.count(run)).toBe(0);
  });

  test("signing in on purpose asks again after a sign-out", async () => {
    const answer = world.answers[endpoint]!;
    world.answers[endpoint] = () => json({}, 401);
    const oriel = client();
    await failure(oriel.auth.signIn());
    world.answers[endpoint] = answer;
    await oriel.auth.signIn();
    expect(oriel.auth.getState().status).toBe("authenticated");
  });

  test("others back off from 1 s, doubling to 60 s, and recover", async () => {
    const answer = world.answers[endpoint]!;
    world.answers[endpoint] = () => json({}, 500);
    const oriel = client();
    await failure(oriel.auth.signIn());
    const asked: number[] = [];
    const start = Date.now();
    world.answers[endpoint] = () => {
      asked.push(Math.round((Date.now() - start) / 100) / 10);
      return json({}, 500);
    };
    await minutes(5);
    const waits = asked.map((at, i) => +(at - (asked[i - 1] ?? 0)).toFixed(1));
    expect(waits).toEqual([0.9, 1.8, 3.6, 7.2, 14.4, 28.8, 54, 54, 54, 54]);
    expect(oriel.auth.getState()).toMatchObject({
      status: "error",
      error: { code: "HOST_STATUS", status: 500 },
    });
    world.answers[endpoint] = answer;
    await minutes(1);
    expect(oriel.auth.getState().status).toBe("authenticated");
  });

  test("requests while backing off ask nobody", async () => {
    world.answers[endpoint] = () => json({}, 500);
    const oriel = client();
    await failure(oriel.auth.signIn());
    const error = await failure(oriel.runQuestion("departures"));
    expect(error.code).toBe("HOST_STATUS");
    expect(world.calls).toHaveLength(1);
  });

  test("the network's return ends the wait", async () => {
    const answer = world.answers[endpoint]!;
    world.answers[endpoint] = () => {
      throw new TypeError("failed");
    };
    world.isOnline = false;
    const oriel = client();
    const error = await failure(oriel.auth.signIn());
    expect(error.code).toBe("HOST_UNREACHABLE");
    expect(oriel.auth.getState()).toEqual({ status: "offline" });
    world.isOnline = true;
    world.answers[endpoint] = answer;
    world.wake("online");
    await seconds(0);
    expect(oriel.auth.getState().status).toBe("authenticated");
  });

  test("a failed renewal is degraded while the old session is good, then an error", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    world.answers[endpoint] = () => json({}, 502);
    await minutes(8.2);
    expect(oriel.auth.getState()).toMatchObject({
      status: "degraded",
      user: { name: "Kim" },
      cause: { code: "HOST_STATUS" },
    });
    await oriel.runQuestion("departures");
    expect(world.calls.at(-1)?.authorization).toBe("Bearer ors_1");
    await minutes(2);
    expect(oriel.auth.getState().status).toMatch(/error|authenticating/);
    const runs = world.count(run);
    await failure(oriel.runQuestion("departures"));
    expect(world.count(run)).toBe(runs);
  });

  test("what Oriel refuses for good is not tried again by itself, and retry() tries", async () => {
    const answer = world.answers[exchange]!;
    world.answers[exchange] = () => problem(403, "origin_not_allowed");
    const oriel = client();
    const error = await failure(oriel.auth.signIn());
    expect(error.code).toBe("origin_not_allowed");
    await minutes(60);
    expect(world.count(exchange)).toBe(1);
    const state = oriel.auth.getState();
    if (state.status !== "error") throw new Error(state.status);
    expect(state.retryAt).toBeUndefined();
    world.answers[exchange] = answer;
    state.retry();
    await seconds(0);
    expect(oriel.auth.getState().status).toBe("authenticated");
  });

  test("a token that the host kept too long is asked for once more", async () => {
    const reasons: string[] = [];
    let count = 0;
    const answer = world.answers[exchange]!;
    world.answers[exchange] = (call) => (++count === 1 ? problem(401, "token_replayed") : answer(call));
    const oriel = client({
      auth: {
        type: "callback",
        get: ({ reason, attempt }) => {
          reasons.push(`${reason} ${String(attempt)}`);
          return Promise.resolve({ jwt: token("x") });
        },
      },
    });
    await oriel.auth.signIn();
    expect(reasons).toEqual(["initial 1", "rejected 2"]);
  });

  test("Retry-After is honoured", async () => {
    let tries = 0;
    world.answers[exchange] = () => {
      tries++;
      const answer = problem(429, "rate_limited");
      answer.headers.set("Retry-After", "30");
      return answer;
    };
    await failure(client().auth.signIn());
    await seconds(29);
    expect(tries).toBe(1);
    await seconds(2);
    expect(tries).toBe(2);
  });

  test("a host that never answers is TIMEOUT", async () => {
    world.answers[endpoint] = () => new Promise<Response>(() => undefined);
    const failed = failure(client().auth.signIn());
    await seconds(31);
    expect((await failed).code).toBe("TIMEOUT");
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

describe("rule 8: answers of the wrong shape", () => {
  test("HTML is told with what was wanted and what came, never its text", async () => {
    world.answers[endpoint] = () =>
      new Response("<html>secret</html>", {
        headers: { "Content-Type": "text/html; charset=utf-8" },
      });
    const error = await failure(client().auth.signIn());
    expect(error.code).toBe("HOST_SHAPE");
    expect(error.message).toBe(
      `The page's sign-in endpoint ${world.host} must answer {"jwt": "…"}. What came is text/html; charset=utf-8, which isn't JSON.`,
    );
  });

  test("another object is told by its keys and their types", async () => {
    world.answers[endpoint] = () => json({ token: "s3cret", expires: 5, tags: [], user: null });
    const error = await failure(client().auth.signIn());
    expect(error.code).toBe("HOST_SHAPE");
    expect(error.message).toContain(
      "an object with the keys {token: string, expires: number, tags: array, user: null}",
    );
    expect(error.message).not.toContain("s3cret");
  });

  test.each([
    [undefined, "nothing"],
    [null, "null"],
    [["a"], "an array"],
    ["abc", "a string that isn't a JWT"],
    [{ jwt: "abc" }, 'an object whose "jwt" is a string that isn\'t a JWT'],
    [{}, "an object without keys"],
  ])("a callback that gives %j", async (given, told) => {
    const get = () => Promise.resolve(given as never);
    const error = await failure(client({ auth: { type: "callback", get } }).auth.signIn());
    expect(error.code).toBe("HOST_SHAPE");
    expect(error.message).toContain(told);
  });

  test("an exchange answered by something else is VERSION", async () => {
    world.answers[exchange] = () => new Response("<html>", { status: 200 });
    const error = await failure(client().auth.signIn());
    expect(error.code).toBe("VERSION");
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
    [{ preferredAuthMethod: "saml" as "jwt" }, 'set it to "jwt"'],
    [{ auth: { type: "sso" } as never }, '"endpoint" or "callback"'],
    [{ auth: { type: "callback" } as never }, "must be a function"],
  ])("%j is CONFIG_INVALID with a sentence", (wrong, sentence) => {
    expect(() => client(wrong)).toThrow(sentence);
  });
});
