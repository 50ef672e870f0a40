import { afterEach, describe, expect, test, vi } from "vitest";
import { cutOff, dashboardLines, json, ndjson, problem, sampleDashboard, token } from "@oriel/test-utils";
import { decode, encode } from "./dehydrated.js";
import { OrielError, type ClientOptions } from "./index.js";
import { createServerClient, openBackendSession, type ServerClientOptions } from "./server.js";
import { client, exchange, failure, minutes, run, seconds, world } from "./testing/signin.js";

const board = "POST /api/v1/dashboards/operations/run";
const parameters = { destination: ["LAX"] };

afterEach(() => {
  vi.unstubAllGlobals();
});

const server = (options: Partial<ServerClientOptions> = {}) =>
  createServerClient({ server: world.server, session: "ors_backend", fetch: world.fetch, ...options });

/** What a server hands to the page: a question, and a dashboard with a filter set. */
async function fetched(options: Partial<ServerClientOptions> = {}): Promise<string> {
  const oriel = server(options);
  await Promise.all([
    oriel.prefetchQuestion("departures"),
    oriel.prefetchDashboard("operations", { parameters }),
  ]);
  const state = await oriel.dehydrate();
  if (state === undefined) throw new Error("nothing was fetched");
  world.calls.length = 0;
  return state;
}

/** A page that takes the state and shows both. */
function page(state: string | undefined, options: Partial<ClientOptions> = {}) {
  const oriel = client(options);
  const taken = oriel.hydrate(state);
  const question = oriel.watchQuestion("departures");
  const dashboard = oriel.watchDashboard("operations", parameters);
  return { oriel, taken, question, dashboard };
}

function look({ question, dashboard }: Pick<ReturnType<typeof page>, "question" | "dashboard">) {
  question.subscribe(() => undefined);
  dashboard.subscribe(() => undefined);
}

const runs = () => world.count(run) + world.count(board);

describe("on the server", () => {
  test("a host token becomes a backend session, which goes in the header of each request", async () => {
    const { session, expiresAt } = await openBackendSession({
      server: world.server,
      jwt: token("x"),
      fetch: world.fetch,
    });
    expect([session, expiresAt]).toEqual(["ors_backend", Date.now() + 600_000]);
    expect(world.calls[0]).toMatchObject({ body: { jwt: token("x") }, contentType: "application/json" });
    const { question } = await server({ session }).runQuestion("departures", { parameters });
    expect(question.name).toBe("Departures");
    expect(world.calls[1]).toMatchObject({
      authorization: "Bearer ors_backend",
      body: { parameters },
      credentials: "omit",
    });
  });

  test("Oriel may be reached at another address than the page's", async () => {
    const state = await fetched();
    world.calls.length = 0;
    const inside = server({ internalServer: "http://oriel.internal:7420" });
    await inside.prefetchQuestion("departures");
    expect(world.calls.every((call) => call.url.startsWith("http://oriel.internal:7420/"))).toBe(true);
    expect(page(await inside.dehydrate()).taken).toBe(true);
    expect(page(state).taken).toBe(true);
  });

  test("a session that Oriel doesn't take is told, and not asked with again", async () => {
    world.answers[run] = () => problem(401, "session_expired");
    expect((await failure(server().runQuestion("departures"))).code).toBe("session_invalid");
    expect(world.count(run)).toBe(1);
  });

  test.each([
    ["a refusal", () => problem(404, "not_found"), "not_found"],
    ["no answer", () => new Promise<Response>(() => undefined), "TIMEOUT"],
    ["no network", () => Promise.reject(new TypeError("failed")), "NETWORK"],
  ])("%s to a prefetch doesn't take the page down: it asks for itself", async (_, answer, code) => {
    world.answers[run] = answer;
    const heard: string[] = [];
    const oriel = server({ onError: (error) => heard.push(error.code), timeout: 2000 });
    const prefetch = oriel.prefetchQuestion("departures");
    await seconds(2);
    await prefetch;
    expect(await oriel.dehydrate()).toBeUndefined();
    expect(heard).toEqual([code]);
  });

  test("a dashboard with a failed card, or without its end, is left to the page", async () => {
    const failed = { type: "card", id: "delays", error: { code: "source_unavailable", status: 503 } };
    for (const answer of [
      ndjson([sampleDashboard, failed, dashboardLines()[2], { type: "end" }]),
      cutOff(dashboardLines(), 400),
    ]) {
      world.answers[board] = () => answer;
      const oriel = server();
      await oriel.prefetchDashboard("operations");
      expect(await oriel.dehydrate()).toBeUndefined();
    }
  });

  test.each(["admin", "view_as", "api_key", "embed", "interactive"])(
    "what a session of the kind %s may see is not for a page",
    async (kind) => {
      world.kind = kind;
      const oriel = server();
      await oriel.prefetchQuestion("departures");
      const error = await failure(oriel.dehydrate());
      expect(error.code).toBe("CONFIG_INVALID");
      expect(error.message).toContain(`of the kind ${kind}`);
    },
  );

  test("nothing of it runs in a browser", async () => {
    vi.stubGlobal("window", {});
    expect(() => server()).toThrow("must not reach a browser");
    const opened = openBackendSession({ server: world.server, jwt: token("x"), fetch: world.fetch });
    expect((await failure(opened)).code).toBe("CONFIG_INVALID");
    expect(world.calls).toEqual([]);
  });

  test("a missing session says what to give", () => {
    expect(() => server({ session: "" })).toThrow("openBackendSession");
  });
});

describe("what the page gets", () => {
  test("holds no token, even when an answer does", async () => {
    expect(await fetched()).not.toContain("ors_");
    const answer = await (await world.answers[run]!(world.calls[0]!)).json();
    world.answers[run] = () => json({ ...answer, trace: { authorization: "Bearer ors_backend" } });
    const oriel = server();
    await oriel.prefetchQuestion("departures");
    expect((await failure(oriel.dehydrate())).message).toContain("holds the session itself");
  });

  test("can stand between script tags, as JSON and as JavaScript", async () => {
    const nasty = "</script><!--<script>&\u2028\u2029\"'`${x}";
    const answer = await (await world.answers[run]!(world.calls[0]!)).json();
    answer.question.name = nasty;
    world.answers[run] = () => json(answer);
    const oriel = server();
    await oriel.prefetchQuestion("departures");
    const state = (await oriel.dehydrate())!;
    expect(state).not.toMatch(/[<>&\u2028\u2029]/);
    const { question } = page(state);
    expect(question.getSnapshot().run?.question.name).toBe(nasty);
  });

  test.each([
    undefined,
    "",
    "7",
    "null",
    "[]",
    "{}",
    "{",
    '{"version":2}',
    '{"version":1,"server":"https://oriel.test","user":"","ends":9e15,"runs":[]}',
    '{"version":1,"server":"https://oriel.test","user":"u","ends":"x","runs":[]}',
    '{"version":1,"server":"https://oriel.test","user":"u","ends":9e15,"runs":[7,null,{}]}',
  ])("%j is not taken, and breaks nothing", (state) => {
    expect(page(state).taken).toBe(false);
  });

  test("a run of the wrong shape is passed over", async () => {
    const whole = decode(await fetched(), Date.now())!;
    const [question, dashboard] = whole.runs;
    const wrong = [
      { ...question, data: { question: {}, result: {} } },
      { ...question, parameters: [] },
      { ...question, at: "now" },
      { ...dashboard, data: { ...dashboard?.data, complete: false } },
      { ...dashboard, kind: "other" },
    ];
    expect(page(encode({ ...whole, runs: wrong as never })).taken).toBe(false);
  });
});

describe("on the page", () => {
  test("is shown before anything is asked, and not fetched a second time (rule 7)", async () => {
    const shown = page(await fetched());
    const { oriel, taken, question, dashboard } = shown;
    expect(taken).toBe(true);
    expect(question.getSnapshot()).toMatchObject({
      run: { question: { name: "Departures" } },
      stale: false,
      loading: false,
    });
    expect(dashboard.getSnapshot()).toMatchObject({ loading: false, dashboard: { name: "Operations" } });
    expect(dashboard.getSnapshot().cards.map((card) => card.stale)).toEqual([false, false]);
    look(shown);
    oriel.auth.begin();
    await minutes(4);
    expect(runs()).toBe(0);
    expect(world.count(exchange)).toBe(1);
    expect(question.getSnapshot().run).toBeDefined();
  });

  test("reload asks, and so do other parameters", async () => {
    const shown = page(await fetched());
    look(shown);
    shown.question.reload();
    shown.dashboard.setParameters({});
    await seconds(1);
    expect([world.count(run), world.count(board)]).toEqual([1, 1]);
  });

  test("a result is fresh for five minutes; who looks later asks", async () => {
    const state = await fetched();
    await minutes(3);
    const shown = page(state);
    const stop = shown.question.subscribe(() => undefined);
    await minutes(1);
    stop();
    await minutes(2);
    shown.question.subscribe(() => undefined);
    await seconds(1);
    expect(world.count(run)).toBe(1);
  });

  test.each([
    ["a page that was kept for five minutes", 5],
    ["a clock that is behind by more", -6],
  ])("%s shows nothing of it and asks", async (_, late) => {
    const state = await fetched();
    vi.setSystemTime(Date.now() + late * 60_000);
    const shown = page(state);
    expect(shown.taken).toBe(false);
    expect(shown.question.getSnapshot().run).toBeUndefined();
    look(shown);
    await seconds(1);
    expect(runs()).toBe(2);
  });

  test("neither does one that outlived the session under which it was fetched", async () => {
    world.lifetime = 60;
    const state = await fetched();
    vi.setSystemTime(Date.now() + 61_000);
    expect(page(state).taken).toBe(false);
  });

  test("what the page has asked for itself is newer", async () => {
    const state = await fetched();
    const oriel = client();
    const question = oriel.watchQuestion("departures");
    question.subscribe(() => undefined);
    const answer = await (await world.answers[run]!(world.calls[0]!)).json();
    answer.question.name = "Newer";
    world.answers[run] = () => json(answer);
    await seconds(1);
    oriel.hydrate(state);
    await seconds(1);
    expect(question.getSnapshot().run?.question.name).toBe("Newer");
  });
});

describe("another person", () => {
  test("whom the sign-in finds sees nothing of it, and gets their own", async () => {
    const shown = page(await fetched());
    const { oriel, question, dashboard } = shown;
    look(shown);
    const seen: unknown[] = [];
    oriel.auth.subscribe(() => {
      if (oriel.auth.getState().status === "authenticated") seen.push(question.getSnapshot().run);
    });
    world.user = "usr_2";
    world.answers[board] = () => new Promise<Response>(() => undefined);
    await oriel.auth.signIn();
    expect(seen).toEqual([undefined]);
    expect(dashboard.getSnapshot()).toMatchObject({ cards: [], loading: true });
    await seconds(1);
    expect(runs()).toBe(2);
  });

  test.each([
    ["kim", "lee"],
    ["kim", undefined],
    [undefined, "lee"],
  ])("as the host says before the sign-in (%s, %s), is shown nothing", async (theirs, mine) => {
    const state = await fetched(theirs === undefined ? {} : { subject: theirs });
    const { taken, question } = page(state, mine === undefined ? {} : { subject: mine });
    expect(taken).toBe(false);
    expect(question.getSnapshot().run).toBeUndefined();
  });

  test("of another server is shown nothing", async () => {
    const state = await fetched();
    expect(page(state, { server: "https://other.test" }).taken).toBe(false);
  });

  test("who is signed in is shown nothing of somebody else's", async () => {
    const state = await fetched();
    world.user = "usr_2";
    const oriel = client();
    await oriel.auth.signIn();
    expect(oriel.hydrate(state)).toBe(false);
    world.user = "usr_1";
    const same = client();
    await same.auth.signIn();
    expect(same.hydrate(state)).toBe(true);
  });

  test("two states for two people never stand side by side", async () => {
    const first = await fetched();
    world.user = "usr_2";
    const second = await fetched();
    const oriel = client();
    expect(oriel.hydrate(first)).toBe(true);
    expect(oriel.hydrate(second)).toBe(false);
  });

  test.each([{}, { subject: "kim" }])("after a sign-out (%j) it goes, and isn't taken again", async (who) => {
    const state = await fetched(who);
    const shown = page(state, who);
    look(shown);
    await shown.oriel.auth.signIn();
    shown.oriel.auth.signOut();
    expect(shown.question.getSnapshot().run).toBeUndefined();
    expect(shown.oriel.hydrate(state)).toBe(false);
  });

  test("nor by a client that was closed, unless the host says that it is the same person", async () => {
    const oriel = client();
    await oriel.auth.signIn();
    oriel.close();
    expect(oriel.hydrate(await fetched())).toBe(false);
    const kim = client({ subject: "kim" });
    await kim.auth.signIn();
    kim.close();
    expect(kim.hydrate(await fetched({ subject: "kim" }))).toBe(true);
  });

  test("a subject that changes before the sign-in takes it away", async () => {
    const state = await fetched({ subject: "kim" });
    const { oriel, question } = page(state, { subject: "kim" });
    expect(question.getSnapshot().run).toBeDefined();
    oriel.update({ subject: "lee" });
    expect(question.getSnapshot().run).toBeUndefined();
    expect(world.calls).toEqual([]);
  });

  test("a watch that nobody watched shows nothing of the former subject when watched again", async () => {
    const oriel = client({ subject: "kim" });
    const question = oriel.watchQuestion("departures");
    const stop = question.subscribe(() => undefined);
    await seconds(1);
    stop();
    await seconds(1);
    world.answers[run] = () => new Promise<Response>(() => undefined);
    oriel.update({ auth: { type: "endpoint", url: world.host }, subject: "lee" });
    expect(question.getSnapshot().run).toBeUndefined();
    question.subscribe(() => undefined);
    await seconds(1);
    expect(question.getSnapshot()).toMatchObject({ loading: true });
    expect(question.getSnapshot().run).toBeUndefined();
  });

  test("a host that signs the person out takes it away", async () => {
    const shown = page(await fetched());
    look(shown);
    world.answers["GET /sso"] = () => json({}, 401);
    await shown.oriel.auth.signIn().catch((error: unknown) => OrielError.is(error));
    expect(shown.question.getSnapshot().run).toBeUndefined();
    expect(shown.dashboard.getSnapshot().cards).toEqual([]);
  });
});
