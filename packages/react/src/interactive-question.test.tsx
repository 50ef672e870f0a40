// @vitest-environment happy-dom
import { act, useState } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { json, problem, result } from "@oriel/test-utils";
import { InteractiveQuestion, useAuth } from "./index.js";
import {
  button,
  click,
  dates,
  exchange,
  one,
  page,
  pass,
  root,
  show,
  text,
  type,
  world,
} from "./testing/page.js";

const unsaved = "POST /api/v1/questions/run";
const described = "GET /api/v1/questions/departures";
const question = {
  id: "departures",
  name: "Departures",
  chart: { kind: "bar", x: "place", y: ["flights"] },
  parameters: [],
  downloads: [],
};
const structured = {
  model: "flights",
  breakouts: [{ column: "place" }],
  aggregations: [{ function: "count", as: "flights" }],
};
const format = {};

beforeEach(() => {
  world.answers[described] = () => json({ ...question, structured });
  world.answers["GET /api/v1/models/flights"] = () =>
    json({
      id: "flights",
      name: "Flights",
      source: "s",
      columns: [
        { name: "place", label: "Place", type: "text", format },
        { name: "miles", label: "Miles", type: "integer", format },
      ],
    });
  world.answers[unsaved] = () =>
    json({
      chart: { kind: "bar", x: "place", y: ["flights"] },
      parameters: [],
      result: result([["SFO", 7]]),
    });
});

const choose = async (label: string, value: string) => {
  const named = [...page.querySelectorAll("label")].find((each) => each.textContent === label);
  const field = page.querySelector<HTMLSelectElement | HTMLInputElement>(`[id="${named?.htmlFor ?? ""}"]`);
  if (!field) throw new Error(`no field ${label}`);
  await act(async () => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set?.call(field, value);
    field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
  });
};

/** What was asked last in place of the saved question. */
const asked = () => world.calls.filter((call) => call.route === unsaved).at(-1)?.body as any;

/** Adds the filter that the place is SFO. */
async function filterByPlace() {
  await click(button("Filter"));
  await choose("Value", "SFO");
  await click(button("Add"));
}

describe("InteractiveQuestion", () => {
  test("shows the saved question first, and asks for what can be changed beside it", async () => {
    await show(<InteractiveQuestion id="departures" />);
    expect(text()).toContain("42");
    expect(world.count("POST /api/v1/questions/departures/run")).toBe(1);
    expect(world.count(exchange)).toBe(1);
    expect(world.count(unsaved)).toBe(0);
    for (const name of ["Filter", "Summarise", "Group by", "Sort", "See rows"]) button(name);
  });

  test("whoever may only run changes how it is drawn, and asks nothing more", async () => {
    world.answers[described] = () => json(question);
    await show(<InteractiveQuestion id="departures" />);
    expect(() => button("Filter")).toThrow();
    await choose("Chart", "table");
    await pass(20);
    expect(one(".oriel-view table").textContent).toContain("LAX");
    expect(world.count(unsaved)).toBe(0);
  });

  test("asks for what it is changed to, tells the host, and goes back", async () => {
    const told = vi.fn();
    await show(<InteractiveQuestion id="departures" onQuestionChange={told} />);
    expect(told).not.toHaveBeenCalled();
    await filterByPlace();
    const ask = asked();
    expect(ask.question.structured.filters).toEqual([{ column: "place", op: "=", value: "SFO" }]);
    expect(ask.chart).toEqual({ kind: "bar", x: "place", y: ["flights"] });
    expect(told).toHaveBeenLastCalledWith(expect.objectContaining({ question: ask.question }));
    expect(text()).toContain("Place is SFO");
    expect(one("table").textContent).toContain("7");
    await click(button("Undo"));
    expect(one("table").textContent).toContain("42");
    expect(told).toHaveBeenLastCalledWith(undefined);
  });

  test("a host that renders again when it is told, with the same params in a new object, is told once", async () => {
    let told = 0;
    function Host() {
      const [, keep] = useState<unknown>();
      const hear = (ask: unknown) => {
        if (++told < 50) keep(ask);
      };
      return <InteractiveQuestion id="departures" params={{}} onQuestionChange={hear} />;
    }
    await show(<Host />);
    await filterByPlace();
    expect(told).toBe(1);
  });

  test("a change that is refused says why where it was made, and leaves the chart", async () => {
    await show(<InteractiveQuestion id="departures" />);
    world.answers[unsaved] = () => problem(400, "query_refused", { words: "there is no place" });
    await filterByPlace();
    expect(one("[role=alert]").textContent).toContain("there is no place");
    expect(one("table").textContent).toContain("42");
    expect(one(".oriel-card-body").dataset.stale).toBe("true");
    await click(button("Undo"));
    expect(page.querySelector("[role=alert]")).toBeNull();
  });

  test("the rows behind a mark are asked for with its value, and the host may keep them back", async () => {
    const chosen = vi.fn().mockReturnValueOnce(false);
    await show(<InteractiveQuestion id="departures" onDrill={chosen} />);
    const choose = async () => {
      const mark = one("[data-oriel-point]");
      await act(async () => mark.dispatchEvent(new MouseEvent("click", { bubbles: true })));
      await pass(20);
    };
    await choose();
    expect(world.count(unsaved)).toBe(0);
    await choose();
    expect(chosen).toHaveBeenCalledWith({ question: "departures", column: "place", value: "LAX" });
    const ask = asked();
    expect(ask.question.structured).toEqual({
      model: "flights",
      filters: [{ column: "place", op: "=", value: "LAX" }],
      columns: ["place", "miles"],
    });
    expect(one("h3").textContent).toBe("Departures: rows");
    await click(button("Back to the chart"));
    expect(one("h3").textContent).toBe("Departures");
  });

  test("a renewal keeps what somebody made of it", async () => {
    await show(<InteractiveQuestion id="departures" />);
    await filterByPlace();
    await pass(world.lifetime * 1000);
    expect(world.count(exchange)).toBe(2);
    expect(text()).toContain("Place is SFO");
    expect(one("table").textContent).toContain("7");
  });

  test("somebody else finds the saved question, and nothing of the former one's", async () => {
    function Leave() {
      const { signOut, signIn } = useAuth();
      return (
        <button
          onClick={() => {
            signOut();
            world.user = "usr_2";
            void signIn();
          }}
        >
          Change
        </button>
      );
    }
    await show(
      <>
        <Leave />
        <InteractiveQuestion id="departures" />
      </>,
    );
    await filterByPlace();
    await click(button("Change"));
    await pass(50);
    expect(text()).not.toContain("Place is SFO");
    expect(text()).toContain("42");
  });

  test("somebody else whom a renewal finds sees nothing of it either", async () => {
    await show(<InteractiveQuestion id="departures" />);
    await filterByPlace();
    world.user = "usr_2";
    await pass(world.lifetime * 1000);
    expect(world.count(exchange)).toBe(2);
    expect(text()).not.toContain("Place is SFO");
    expect(text()).toContain("42");
  });

  test("a run of other days that fails says why over the chart of before", async () => {
    const saved = "POST /api/v1/questions/departures/run";
    const answer = await (await world.answers[saved]!(world.calls[0]!)).json();
    answer.question.parameters = [{ name: "day", label: "Day", type: "date_range", required: false }];
    world.answers[saved] = () => json(answer);
    await show(<InteractiveQuestion id="departures" />);
    world.answers[saved] = () => problem(400, "query_failed", { words: "no such day" });
    await type(dates()[0]!, "2001-01-01");
    await type(dates()[1]!, "2001-01-02");
    expect(one("[role=alert]").textContent).toContain("no such day");
    expect(one("table").textContent).toContain("42");
  });

  test("leaving the page ends what it asks", async () => {
    await show(<InteractiveQuestion id="departures" />);
    await act(async () => root.render(null));
    const before = world.calls.length;
    await pass(60 * 60_000);
    expect(world.calls.length).toBeLessThanOrEqual(before + 1);
  });
});
