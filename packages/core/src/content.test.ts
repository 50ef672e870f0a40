import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cutOff, dashboardLines, FakeWorld, ndjson, problem, sampleDashboard } from "@oriel/test-utils";
import { createClient, type Client, type DashboardView } from "./index.js";
import { setOnes } from "./content.js";
import { readLines } from "./ndjson.js";

const run = "POST /api/v1/dashboards/operations/run";

let world: FakeWorld;
let oriel: Client;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new FakeWorld();
  oriel = createClient({ server: world.server }, world.environment());
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(10);

describe("readLines", () => {
  const lines = [{ a: "größer 🛫" }, { b: [1, 2] }, { c: null }];
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  const read = async (response: Response) => {
    const found: unknown[] = [];
    for await (const line of readLines(response.body!, () => undefined)) {
      found.push(line);
    }
    return found;
  };

  test("reads the same however the bytes are cut", async () => {
    for (let size = 1; size < 40; size++) {
      expect(await read(ndjson(lines, size))).toEqual(lines);
    }
  });

  test("takes blank lines, carriage returns, and a last line without line feed", async () => {
    expect(await read(new Response(`\n\r\n${text}`))).toEqual(lines);
    expect(await read(new Response(text.replaceAll("\n", "\r\n\r\n")))).toEqual(lines);
  });
});

describe("runDashboard", () => {
  test("gives each line as it arrives, and the whole at the end", async () => {
    const types: string[] = [];
    const whole = await oriel.runDashboard("operations", {
      parameters: { destination: ["LAX"], date: null, other: [] },
      onLine: (line) => types.push(line.type),
    });
    expect(types).toEqual(["layout", "card", "card", "end"]);
    expect(Object.keys(whole.results)).toEqual(["delays", "departures"]);
    expect(whole.complete).toBe(true);
    expect(world.calls.at(-1)?.body).toEqual({
      parameters: { destination: ["LAX"] },
    });
  });

  test("a stream without its end is NETWORK, wherever it was cut", async () => {
    const length = JSON.stringify(dashboardLines()).length - 12;
    for (let keep = 0; keep < length; keep += 37) {
      world.answers[run] = () => cutOff(dashboardLines(), keep);
      await expect(oriel.runDashboard("operations")).rejects.toMatchObject({
        code: "NETWORK",
        retryable: true,
      });
    }
  });

  test("a line of a kind that is not known yet is passed over", async () => {
    const [layout, ...rest] = dashboardLines();
    world.answers[run] = () => ndjson([layout, { type: "hint" }, ...rest]);
    const whole = await oriel.runDashboard("operations");
    expect(Object.keys(whole.results)).toHaveLength(2);
  });

  test("aborting it aborts the request", async () => {
    world.answers[run] = () => new Promise<Response>(() => undefined);
    const controller = new AbortController();
    const running = oriel.runDashboard("operations", {
      signal: controller.signal,
    });
    running.catch(() => undefined);
    await settle();
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(world.calls.at(-1)?.signal?.aborted).toBe(true);
  });
});

test("what is set goes out: zero and no are values, nothing and an open range are not", () => {
  expect(
    setOnes({
      from: { from: 0, to: 0 },
      open: { from: null, to: "" },
      zero: 0,
      no: false,
      none: null,
      list: [],
    }),
  ).toEqual({ from: { from: 0, to: 0 }, zero: 0, no: false });
  expect(setOnes({ parameters: { late: 0, only: false } })).toEqual({ parameters: { late: 0, only: false } });
});

describe("downloadQuestion", () => {
  const download = "POST /api/v1/questions/departures/download";

  test("brings the rows as a file, with the filters that are set", async () => {
    const { file, format } = await oriel.downloadQuestion("departures", "csv", {
      parameters: { destination: ["LAX"], date: null },
    });
    expect([await file.text(), file.type, format]).toEqual([
      'place,flights\r\n"LAX",42\r\n',
      "text/csv; charset=utf-8",
      "csv",
    ]);
    expect(world.calls.at(-1)).toMatchObject({
      url: `${world.server}/api/v1/questions/departures/download?format=csv`,
      authorization: "Bearer ors_1",
      body: { parameters: { destination: ["LAX"] } },
    });
  });

  test("one that breaks off is no file", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new TypeError("broke off"));
      },
    });
    world.answers[download] = () => new Response(body);
    await expect(oriel.downloadQuestion("departures", "json")).rejects.toMatchObject({ code: "NETWORK" });
  });

  test("whoever may not is told so, once", async () => {
    world.answers[download] = () => problem(403, "forbidden");
    await expect(oriel.downloadQuestion("departures", "csv")).rejects.toMatchObject({ code: "forbidden" });
    expect(world.count(download)).toBe(1);
  });
});

describe("watchDashboard", () => {
  /** A stream that the test feeds line by line. */
  function feed() {
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
      },
    });
    const encoder = new TextEncoder();
    return {
      response: new Response(body),
      send: async (line: unknown) => {
        controller.enqueue(encoder.encode(JSON.stringify(line) + "\n"));
        await settle();
      },
    };
  }

  const bars = (view: DashboardView) =>
    view.cards.map(
      ({ card, result, stale }) => `${card.id} ${String(result?.values[1]?.[0])}${stale ? " stale" : ""}`,
    );

  test("cards fill in as they arrive; with new filters the old stay until theirs come", async () => {
    const watch = oriel.watchDashboard("operations");
    const stop = watch.subscribe(() => undefined);
    await settle();
    expect(bars(watch.getSnapshot())).toEqual(["departures 42", "delays 7"]);
    expect(watch.getSnapshot().loading).toBe(false);

    const next = feed();
    world.answers[run] = () => next.response;
    watch.setParameters({ destination: ["LAX"] });
    await settle();
    expect(bars(watch.getSnapshot())).toEqual(["departures 42 stale", "delays 7 stale"]);
    const [layout, delays, departures, end] = dashboardLines(9);
    await next.send(layout);
    await next.send(departures);
    expect(bars(watch.getSnapshot())).toEqual(["departures 9", "delays 7 stale"]);
    await next.send(delays);
    await next.send(end);
    expect(bars(watch.getSnapshot())).toEqual(["departures 9", "delays 7"]);
    expect(watch.getSnapshot().loading).toBe(false);
    stop();
  });

  test("equal parameters in another order run nothing", async () => {
    const watch = oriel.watchDashboard("operations");
    watch.setParameters({ date: { from: "2001-01-01", to: "2001-01-31" }, destination: ["LAX"] });
    watch.subscribe(() => undefined);
    await settle();
    watch.setParameters({ destination: ["LAX"], date: { to: "2001-01-31", from: "2001-01-01" } });
    await settle();
    expect(world.count(run)).toBe(1);
  });

  test("two of the same key share one request; leaving and coming back at once keeps it", async () => {
    const one = oriel.watchDashboard("operations");
    const two = oriel.watchDashboard("operations");
    one.subscribe(() => undefined)();
    one.subscribe(() => undefined);
    two.subscribe(() => undefined);
    await settle();
    expect(world.count(run)).toBe(1);
    expect(bars(two.getSnapshot())).toHaveLength(2);
  });

  test("leaving and coming back at once keeps a request in flight", async () => {
    world.answers[run] = () => new Promise<Response>(() => undefined);
    const watch = oriel.watchDashboard("operations");
    const stop = watch.subscribe(() => undefined);
    await settle();
    stop();
    watch.subscribe(() => undefined);
    await settle();
    expect(world.count(run)).toBe(1);
    expect(world.calls.at(-1)?.signal?.aborted).toBe(false);
  });

  test("the last one leaving aborts the request", async () => {
    world.answers[run] = () => new Promise<Response>(() => undefined);
    const stop = oriel.watchDashboard("operations").subscribe(() => undefined);
    await settle();
    stop();
    await settle();
    expect(world.calls.at(-1)?.signal?.aborted).toBe(true);
  });

  test("a card's failure is that card's alone", async () => {
    world.answers[run] = () =>
      ndjson([
        sampleDashboard,
        {
          type: "card",
          id: "delays",
          error: {
            type: "",
            title: "",
            status: 422,
            detail: "This chart can't be shown.",
            code: "query_failed",
            request_id: "XK7-4QF",
          },
        },
        dashboardLines()[2],
        { type: "end" },
      ]);
    const watch = oriel.watchDashboard("operations");
    watch.subscribe(() => undefined);
    await settle();
    const [departures, delays] = watch.getSnapshot().cards;
    expect(departures?.error).toBeUndefined();
    expect(delays?.error).toMatchObject({
      code: "query_failed",
      reference: "XK7-4QF",
    });
    expect(watch.getSnapshot().error).toBeUndefined();
  });

  test("a failed sign-in that recovers runs the dashboard", async () => {
    const answer = world.answers["GET /sso"]!;
    world.answers["GET /sso"] = () => problem(503, "x");
    const watch = oriel.watchDashboard("operations");
    watch.subscribe(() => undefined);
    await settle();
    expect(watch.getSnapshot().loading).toBe(false);
    world.answers["GET /sso"] = answer;
    await vi.advanceTimersByTimeAsync(2000);
    expect(bars(watch.getSnapshot())).toEqual(["departures 42", "delays 7"]);
  });

  test("closing the client begins nothing anew, though somebody watches", async () => {
    oriel.watchDashboard("operations").subscribe(() => undefined);
    await settle();
    oriel.close();
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(world.count("POST /api/v1/session")).toBe(1);
    expect(oriel.auth.getState().status).toBe("idle");
  });

  test("a renewal runs nothing anew", async () => {
    const watch = oriel.watchDashboard("operations");
    watch.subscribe(() => undefined);
    await settle();
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(world.count("POST /api/v1/session")).toBeGreaterThan(3);
    expect(world.count(run)).toBe(1);
  });
});
