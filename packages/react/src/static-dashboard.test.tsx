// @vitest-environment happy-dom
import { act } from "react";
import { describe, expect, test, vi } from "vitest";
import { dashboardLines, json, ndjson, problem, sampleDashboard } from "@oriel/test-utils";
import { StaticDashboard } from "./index.js";
import {
  bodies,
  button,
  click,
  dates,
  exchange,
  one,
  page,
  pass,
  root,
  run,
  show,
  text,
  type,
  world,
} from "./testing/page.js";

describe("StaticDashboard", () => {
  test("shows skeleton, then layout at its final size, then cards with their data", async () => {
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
      },
    });
    world.answers[run] = () => new Response(body);
    const send = async (line: unknown) => {
      controller.enqueue(new TextEncoder().encode(JSON.stringify(line) + "\n"));
      await pass(20);
    };
    const loaded = vi.fn();
    await show(<StaticDashboard id="operations" onLoad={loaded} />);
    one(".oriel-skeleton");
    const [layout, delays, departures, end] = dashboardLines();
    await send(layout);
    expect(one("h2").textContent).toBe("Operations");
    const places = () =>
      [...page.querySelectorAll<HTMLElement>(".oriel-card")].map((card) => [
        card.style.gridColumn,
        card.style.gridRow,
      ]);
    const before = places();
    expect(before).toEqual([
      ["1 / span 12", "1 / span 6"],
      ["13 / span 12", "1 / span 6"],
    ]);
    expect(page.querySelectorAll(".oriel-card .oriel-bone")).toHaveLength(2);
    await send(delays);
    expect(page.querySelectorAll(".oriel-card .oriel-bone")).toHaveLength(1);
    await send(departures);
    expect(loaded).not.toHaveBeenCalled();
    await send(end);
    expect(places()).toEqual(before);
    expect(page.querySelectorAll(".oriel-bone")).toHaveLength(0);
    expect(page.querySelectorAll("table")).toHaveLength(2);
    expect(one("table").textContent).toContain("42");
    expect(loaded).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: "operations" }));
  });

  test("the range applies when both ends are there, and when both are gone", async () => {
    const changed = vi.fn();
    await show(<StaticDashboard id="operations" onParamsChange={changed} />);
    const [from, to] = dates();
    await type(from!, "2001-01-01");
    expect(world.count(run)).toBe(1);
    await type(to!, "2000-12-31");
    expect(world.count(run)).toBe(1);
    expect(text()).toContain("“From” must not be after “To”.");
    await type(to!, "2001-01-31");
    await click(button("Clear Date"));
    const range = { date: { from: "2001-01-01", to: "2001-01-31" } };
    expect(bodies()).toEqual([{ parameters: {} }, { parameters: range }, { parameters: {} }]);
    expect(changed.mock.calls).toEqual([[range], [{}]]);
  });

  test("a filter begins with its default, and clearing brings it back", async () => {
    const standard = { from: "2001-01-01", to: "2001-01-31" };
    const { dashboard } = sampleDashboard;
    const parameters = dashboard.parameters.map((one) =>
      one.name === "date" ? { ...one, default: standard } : { ...one, default: ["LAX"] },
    );
    const layout = { ...sampleDashboard, dashboard: { ...dashboard, parameters } };
    world.answers[run] = () => ndjson([layout, ...dashboardLines().slice(1)]);
    await show(<StaticDashboard id="operations" />);
    const shown = () => dates().map((field) => field.value);
    expect(shown()).toEqual(["2001-01-01", "2001-01-31"]);
    expect(text()).toContain("LAX");
    expect(button("Clear Date").disabled).toBe(true);
    await type(dates()[0]!, "2001-01-05");
    await click(button("Clear Date"));
    expect(shown()).toEqual(["2001-01-01", "2001-01-31"]);
    expect(bodies()).toEqual([
      { parameters: {} },
      { parameters: { date: { from: "2001-01-05", to: "2001-01-31" } } },
      { parameters: {} },
    ]);
  });

  test("a column's type says how it is filtered", async () => {
    const { dashboard } = sampleDashboard;
    const column = (name: string, column_type: string) => ({
      name,
      label: name,
      type: "column",
      column_type,
      required: false,
      has_values: true,
    });
    const parameters = [
      column("day", "date"),
      column("at", "timestamp"),
      column("place", "text"),
      column("n", "integer"),
    ];
    const layout = { ...sampleDashboard, dashboard: { ...dashboard, parameters } };
    world.answers[run] = () => ndjson([layout, ...dashboardLines().slice(1)]);
    await show(<StaticDashboard id="operations" params={{ day: "2001-01-02", place: ["LAX"] }} />);
    expect(dates().map((field) => field.value)).toEqual(["2001-01-02", "2001-01-02", "", ""]);
    expect(text()).toContain("LAX");
    expect(page.querySelectorAll(".oriel-filter")).toHaveLength(3);
  });

  const days = "GET /api/v1/dashboards/operations/parameters/date/values";
  /** A dashboard whose range tells the days that have data. */
  const tellDays = (...ends: string[]) => {
    const { dashboard } = sampleDashboard;
    const parameters = dashboard.parameters.map((one) => ({ ...one, has_values: true }));
    const layout = { ...sampleDashboard, dashboard: { ...dashboard, parameters } };
    world.answers[run] = () => ndjson([layout, ...dashboardLines().slice(1)]);
    world.answers[days] = () => json({ items: ends.map((value) => ({ value, label: value })), next: null });
  };

  test("the range tells and bounds the days that have data, asked for after the charts", async () => {
    tellDays("2001-01-01", "2001-03-31");
    await show(<StaticDashboard id="operations" locale="en-US" />);
    expect(world.calls.map((call) => call.route)).toEqual(["GET /auth/sso", "GET /sso", exchange, run, days]);
    // The spaces around the dash are thin ones.
    expect(text()).toMatch(/Data for Jan 1\s–\sMar 31, 2001/);
    for (const field of dates()) {
      expect([field.min, field.max]).toEqual(["2001-01-01", "2001-03-31"]);
      const note = document.getElementById(field.getAttribute("aria-describedby") ?? "");
      expect(note?.textContent).toContain("Data for");
    }
    await type(dates()[0]!, "2001-01-05");
    expect(text()).toContain("Add a “To” date to apply.");
    await type(dates()[1]!, "2001-01-31");
    expect(text()).toContain("Data for");
    await pass(30 * 60_000);
    expect(world.count(days)).toBe(1);
  });

  test("a field in which somebody types is bounded when it is left", async () => {
    tellDays("2001-01-01", "2001-03-31");
    const answer = world.answers[days]!;
    let release: () => void = () => undefined;
    world.answers[days] = async (call) => {
      await new Promise<void>((resolve) => (release = resolve));
      return answer(call);
    };
    await show(<StaticDashboard id="operations" />);
    const [from, to] = dates();
    await act(async () => from!.focus());
    await act(async () => release());
    await pass(20);
    expect([from!.min, to!.min]).toEqual(["", "2001-01-01"]);
    await act(async () => from!.blur());
    expect(from!.min).toBe("2001-01-01");
  });

  test("a range whose days nobody can tell filters as ever", async () => {
    tellDays();
    await show(<StaticDashboard id="operations" />);
    expect(text()).not.toContain("Data for");
    world.answers[days] = () => problem(403, "forbidden");
    const failed = vi.fn();
    await act(async () => root.render(null));
    await show(<StaticDashboard id="operations" onError={failed} />);
    await type(dates()[0]!, "2001-01-05");
    await type(dates()[1]!, "2001-01-31");
    expect(bodies().at(-1)).toEqual({ parameters: { date: { from: "2001-01-05", to: "2001-01-31" } } });
    expect(page.querySelector("[role=alert]")).toBeNull();
    expect(failed).not.toHaveBeenCalled();
  });

  test("the next person is told their own days, never the former's", async () => {
    tellDays("2001-01-01", "2001-03-31");
    await show(<StaticDashboard id="operations" locale="en-US" />);
    tellDays();
    world.user = "usr_2";
    await pass(9 * 60_000);
    expect(world.count(days)).toBe(2);
    expect(text()).not.toContain("Data for");
    for (const field of dates()) expect([field.min, field.max]).toEqual(["", ""]);
  });

  test("the list offers its values when opened, and is worked by keyboard alone", async () => {
    await show(<StaticDashboard id="operations" />);
    const values = "GET /api/v1/dashboards/operations/parameters/destination/values";
    expect(world.count(values)).toBe(0);
    await click(button("Destination"));
    expect(world.count(values)).toBe(1);
    const field = one<HTMLInputElement>("[role=combobox]");
    expect(document.activeElement).toBe(field);
    const key = async (name: string) => {
      await act(async () => field.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true })));
      await pass(20);
    };
    const options = () => [...page.querySelectorAll("[role=option]")];
    expect(options().map((option) => option.textContent)).toEqual(["ATL", "LAX", "SFO"]);
    await key("ArrowDown");
    expect(field.getAttribute("aria-activedescendant")).toBe(options()[1]?.id);
    await key("Enter");
    expect(options()[1]?.getAttribute("aria-selected")).toBe("true");
    await type(field, "sf");
    expect(options().map((option) => option.textContent)).toEqual(["SFO"]);
    await key("Enter");
    await key("Escape");
    expect(page.querySelector("[role=combobox]")).toBeNull();
    expect(document.activeElement).toBe(button("Destination"));
    expect(button("Destination").getAttribute("aria-label")).toBe("Destination: 2 chosen");
    expect(bodies()).toEqual([
      { parameters: {} },
      { parameters: { destination: ["LAX"] } },
      { parameters: { destination: ["LAX", "SFO"] } },
    ]);
  });

  test("filters, their half-typed drafts and the results live through renewals", async () => {
    await show(<StaticDashboard id="operations" />);
    const [from] = dates();
    await type(from!, "2001-01-01");
    await click(button("Destination"));
    await click(one("[role=option]"));
    await pass(30 * 60_000);
    expect(world.count(exchange)).toBeGreaterThan(3);
    expect(world.count(run)).toBe(2);
    expect(dates()[0]?.value).toBe("2001-01-01");
    expect(button("Destination").getAttribute("aria-label")).toBe("Destination: ATL");
    expect(one("table").textContent).toContain("42");
  });

  test("filters and results live through an outage longer than the session", async () => {
    await show(<StaticDashboard id="operations" />);
    await click(button("Destination"));
    await click(one("[role=option]"));
    const answer = world.answers["GET /sso"]!;
    world.answers["GET /sso"] = () => json({}, 502);
    await pass(15 * 60_000);
    expect(text()).toContain("Sign-in to the analytics failed");
    expect(one("table").textContent).toContain("42");
    world.answers["GET /sso"] = answer;
    await pass(2 * 60_000);
    expect(page.querySelector("[role=alert]")).toBeNull();
    expect(button("Destination").getAttribute("aria-label")).toBe("Destination: ATL");
    expect(bodies().at(-1)).toEqual({ parameters: { destination: ["ATL"] } });
  });

  test("another person's sign-in forgets filters and results", async () => {
    await show(<StaticDashboard id="operations" defaultParams={{ destination: ["SFO"] }} />);
    await click(button("Clear Destination"));
    world.user = "usr_2";
    await pass(9 * 60_000);
    expect(button("Destination").getAttribute("aria-label")).toBe("Destination: SFO");
    expect(bodies().at(-1)).toEqual({ parameters: { destination: ["SFO"] } });
  });

  test("with params the host keeps the filters", async () => {
    await show(<StaticDashboard id="operations" params={{ destination: ["SFO"] }} />);
    await click(button("Clear Destination"));
    expect(bodies()).toEqual([{ parameters: { destination: ["SFO"] } }]);
    expect(button("Destination").getAttribute("aria-label")).toBe("Destination: SFO");
  });

  test("a card that failed is calm and has a reference; the others stand", async () => {
    const [, , departures, end] = dashboardLines();
    const error = {
      type: "",
      title: "Failed",
      status: 422,
      detail: "column secret_column does not exist",
      code: "query_failed",
      request_id: "XK7-4QF",
    };
    world.answers[run] = () =>
      ndjson([sampleDashboard, { type: "card", id: "delays", error }, departures, end]);
    await show(<StaticDashboard id="operations" />);
    expect(text()).toContain("This chart can’t be shown");
    expect(text()).toContain("XK7-4QF");
    expect(text()).not.toContain("secret_column");
    expect(page.querySelectorAll("table")).toHaveLength(1);
  });

  test("who may edit a card's question reads what is wrong with it", async () => {
    const [, , departures, end] = dashboardLines();
    const words = 'line 3, column 8: column "orign" does not exist';
    const error = {
      type: "",
      title: "Failed",
      status: 422,
      detail: "d",
      code: "query_failed",
      request_id: "XK7-4QF",
      words,
    };
    world.answers[run] = () =>
      ndjson([sampleDashboard, { type: "card", id: "delays", error }, departures, end]);
    await show(<StaticDashboard id="operations" />);
    expect(text()).toContain("This chart can’t be shown");
    expect(one(".oriel-words").textContent).toBe(words);
    expect(text()).toContain("XK7-4QF");
  });

  test("a chart that can't be drawn doesn't take the page with it", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const [, delays, , end] = dashboardLines();
    const broken = { type: "card", id: "departures", result: { columns: [{}], values: 7, row_count: 3 } };
    world.answers[run] = () => ndjson([sampleDashboard, delays, broken, end]);
    await show(<StaticDashboard id="operations" />);
    expect(text()).toContain("This chart can’t be shown");
    expect(page.querySelectorAll("table")).toHaveLength(1);
    vi.restoreAllMocks();
  });

  test("Show data tells its state", async () => {
    await show(<StaticDashboard id="operations" />);
    const toggle = button("Show data");
    expect(toggle.getAttribute("aria-label")).toBe("Show data: Departures");
    await click(toggle);
    expect(toggle.getAttribute("aria-pressed")).toBe("true");
  });

  test("signed out at the host: a calm state, no more asking, and a way back", async () => {
    const answer = world.answers["GET /sso"]!;
    world.answers["GET /sso"] = () => json({}, 401);
    await show(<StaticDashboard id="operations" />);
    expect(text()).toContain("You are signed out");
    await pass(60 * 60_000);
    expect(world.count("GET /sso")).toBe(1);
    world.answers["GET /sso"] = answer;
    await click(button("Try again"));
    expect(one("h2").textContent).toBe("Operations");
  });

  test("a host that answers HTML: one card that says so, and stays while it is tried again", async () => {
    const failed = vi.fn();
    world.answers["GET /sso"] = () =>
      new Response("<html>secret</html>", { headers: { "Content-Type": "text/html" } });
    await show(<StaticDashboard id="operations" onError={failed} />);
    const check = () => {
      expect(page.querySelectorAll("[role=alert]")).toHaveLength(1);
      expect(text()).toContain('must answer {"jwt": "…"}. What came is text/html');
      expect(text()).toContain("HOST_SHAPE");
      expect(text()).not.toContain("secret");
    };
    check();
    expect(failed).toHaveBeenCalledOnce();
    for (let second = 0; second < 10; second++) {
      await pass(1000);
      check();
    }
    expect(world.count("GET /sso")).toBeGreaterThan(2);
    world.answers["GET /sso"] = () => new Promise<Response>(() => undefined);
    await pass(20_000);
    check();
  });

  test("a refused sign-in shows code, reference and what to do", async () => {
    world.answers[exchange] = () => problem(403, "origin_not_allowed");
    await show(<StaticDashboard id="operations" />);
    for (const part of [
      "Sign-in to the analytics failed",
      "origin_not_allowed",
      "XK7-4QF",
      "authorized origins",
    ]) {
      expect(text()).toContain(part);
    }
    expect(one("a").getAttribute("href")).toContain("origin_not_allowed");
  });

  test("a failed update keeps the filters in reach", async () => {
    await show(<StaticDashboard id="operations" />);
    const answer = world.answers[run]!;
    world.answers[run] = () => problem(503, "source_unavailable");
    await click(button("Destination"));
    await click(one("[role=option]"));
    expect(text()).toContain("The newest figures couldn’t be loaded");
    world.answers[run] = answer;
    await click(button("Clear Destination"));
    expect(text()).not.toContain("couldn’t be loaded");
  });

  test("whom Oriel shuts out loses what was shown, and reads why", async () => {
    await show(<StaticDashboard id="operations" />);
    world.answers[run] = () => problem(403, "user_deactivated");
    await type(dates()[0]!, "2001-01-01");
    await type(dates()[1]!, "2001-01-31");
    expect(page.querySelectorAll("table")).toHaveLength(0);
    expect(text()).toContain("You can’t see these figures any more");
    expect(text()).toContain("user_deactivated");
    expect(text()).toContain("XK7-4QF");
  });
});
