import { describe, expect, test } from "vitest";
import { json, problem, token } from "@oriel/test-utils";
import { createClient } from "./index.js";
import { client, endpoint, exchange, failure, minutes, run, seconds, world } from "./testing/signin.js";

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

describe("shut out by the server", () => {
  const codes = ["user_deactivated", "tenant_deactivated"];

  test.each(codes)("a request answered %s ends the session here and takes what was shown", async (code) => {
    const oriel = client();
    const watch = oriel.watchQuestion("departures");
    watch.subscribe(() => undefined);
    await seconds(1);
    expect(watch.getSnapshot().run).toBeDefined();
    world.answers[run] = () => problem(403, code);
    expect((await failure(oriel.runQuestion("departures"))).code).toBe(code);
    expect(oriel.auth.getState()).toMatchObject({ status: "signed-out", by: "server", error: { code } });
    expect(watch.getSnapshot().run).toBeUndefined();
    const before = world.calls.length;
    world.wake("online");
    await minutes(60);
    expect((await failure(oriel.runQuestion("departures"))).code).toBe(code);
    expect(world.calls).toHaveLength(before);
  });

  test.each(codes)(
    "a renewal refused with %s does so too, though the session had time left",
    async (code) => {
      const heard: string[] = [];
      const oriel = client({ onError: (error) => heard.push(error.code) });
      await oriel.runQuestion("departures");
      world.answers[exchange] = () => problem(403, code);
      await minutes(8.2);
      expect(oriel.auth.getState()).toMatchObject({ status: "signed-out", by: "server" });
      expect(heard).toEqual([code]);
      await minutes(60);
      expect(world.count(exchange)).toBe(2);
    },
  );

  test("another refusal doesn't", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    world.answers[run] = () => problem(403, "forbidden");
    await failure(oriel.runQuestion("departures"));
    expect(oriel.auth.getState().status).toBe("authenticated");
  });

  test("nor does an answer to the session of a former subject", async () => {
    // A `fetch` of the host's own, which doesn't heed the signal.
    const deaf: typeof fetch = (input, init) => world.fetch(input, { ...init, signal: null });
    const auth = { type: "endpoint", url: world.host } as const;
    const oriel = createClient(
      { server: world.server, auth, subject: "kim" },
      { ...world.environment(), fetch: deaf },
    );
    await oriel.auth.signIn();
    let late: (response: Response) => void = () => undefined;
    world.answers[run] = () =>
      new Promise<Response>((resolve) => {
        late = resolve;
      });
    oriel.runQuestion("departures").catch(() => undefined);
    await seconds(1);
    oriel.update({ auth, subject: "lee" });
    await seconds(1);
    late(problem(403, "user_deactivated"));
    await seconds(1);
    expect(oriel.auth.getState().status).toBe("authenticated");
  });
});

describe("the clock of the page's backend", () => {
  /** A fresh token each time, signed by a clock that is `off` seconds from Oriel's. */
  const signedBy = (off: number) => {
    let count = 0;
    world.answers[endpoint] = () => {
      const iat = Math.floor(Date.now() / 1000) + off;
      return json({ jwt: `e30.${btoa(JSON.stringify({ iat, n: ++count }))}.c2ln` });
    };
  };
  const refuse = (code: string) => {
    world.answers[exchange] = () =>
      problem(401, code, { server_time: Math.floor((Date.now() + world.skew) / 1000) });
  };

  test.each([
    ["token_expired", -600, "10 minutes behind"],
    ["token_too_old", -90, "90 seconds behind"],
    ["token_not_yet_valid", 600, "10 minutes ahead of"],
  ])("a fresh token that is %s by %i s is CLOCK_SKEW, which says how much", async (code, off, told) => {
    signedBy(off);
    refuse(code);
    const error = await failure(client().auth.signIn());
    expect(error).toMatchObject({ code: "CLOCK_SKEW", status: 401, reference: "XK7-4QF", cause: { code } });
    expect(error.message).toContain(`The clock of the page's backend is ${told} Oriel's`);
  });

  test("the browser's own clock plays no part in it", async () => {
    world.skew = 600_000;
    signedBy(600);
    refuse("token_expired");
    expect((await failure(client().auth.signIn())).code).toBe("token_expired");
  });

  test("a host that gives an old token again is told what Oriel said", async () => {
    const jwt = `e30.${btoa(JSON.stringify({ iat: Math.floor(Date.now() / 1000) - 3600 }))}.c2ln`;
    world.answers[endpoint] = () => json({ jwt });
    refuse("token_expired");
    expect((await failure(client().auth.signIn())).code).toBe("token_expired");
  });

  test.each(["e30.!!.c2ln", "e30.bnVsbA.c2ln", `e30.${btoa('{"iat":"x"}')}.c2ln`])(
    "so is one whose token %s can't be read",
    async (jwt) => {
      world.answers[endpoint] = () => json({ jwt });
      refuse("token_not_yet_valid");
      expect((await failure(client().auth.signIn())).code).toBe("token_not_yet_valid");
    },
  );
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
