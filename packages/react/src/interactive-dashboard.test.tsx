// @vitest-environment happy-dom
import { act } from "react";
import { describe, expect, test, vi } from "vitest";
import { dashboardLines, json, ndjson, result, sampleDashboard } from "@oriel/test-utils";
import { InteractiveDashboard, StaticDashboard } from "./index.js";
import { bodies, button, click, one, page, pass, run, show, text, world } from "./testing/page.js";

/** The sample dashboard, whose bars stand for destinations. */
function byDestination(column = "destination", type: "text" | "date" = "text", step?: string) {
  const destinations = result([
    ["LAX", 42],
    ["ORD", 7],
  ]);
  destinations.columns[0] = { ...destinations.columns[0]!, name: column, type: type as "text" };
  if (type === "date") destinations.values[0] = ["2001-01-01", "2001-02-01"];
  const cards = sampleDashboard.cards.map((card) => ({ ...card, chart: { ...card.chart, x: column, step } }));
  world.answers[run] = () =>
    ndjson([
      { ...sampleDashboard, cards },
      { type: "card", id: "delays", result: destinations },
      { type: "card", id: "departures", result: destinations },
      { type: "end" },
    ]);
}

const marks = (within = ".oriel-cards") =>
  [...one(within).querySelectorAll<SVGElement>("[data-oriel-point]")] as unknown as HTMLElement[];
const press = async (element: HTMLElement, key: string) => {
  await act(async () => {
    element.focus();
    element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
  await pass(20);
};
/** SVG elements have no click method in every browser. */
const point = async (element: HTMLElement) => {
  await act(async () => element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })));
  await pass(20);
};

describe("InteractiveDashboard", () => {
  test("a bar sets the filter that bears its column's name, by pointer and by key", async () => {
    byDestination();
    const changed = vi.fn();
    await show(<InteractiveDashboard id="operations" onParamsChange={changed} />);
    await point(marks()[1]!);
    expect(bodies().at(-1)).toEqual({ parameters: { destination: ["ORD"] } });
    expect(button("Destination").getAttribute("aria-label")).toBe("Destination: ORD");
    expect(one(".oriel-head [role=status]").textContent).toBe("Destination: ORD");
    await press(marks()[0]!, "Enter");
    expect(bodies().at(-1)).toEqual({ parameters: { destination: ["LAX"] } });
    expect(changed.mock.calls).toEqual([[{ destination: ["ORD"] }], [{ destination: ["LAX"] }]]);
    const before = bodies().length;
    await press(marks()[1]!, "ArrowRight");
    await press(marks()[1]!, "Tab");
    expect(bodies()).toHaveLength(before);
  });

  test("onDrill hears of every mark, and false keeps the filters as they are", async () => {
    byDestination();
    const drilled = vi.fn(() => false);
    await show(<InteractiveDashboard id="operations" onDrill={drilled} />);
    await point(marks()[1]!);
    expect(drilled).toHaveBeenCalledExactlyOnceWith({
      card: "departures",
      question: "departures",
      column: "destination",
      value: "ORD",
      params: { destination: ["ORD"] },
    });
    expect(bodies()).toHaveLength(1);
    drilled.mockReturnValue(undefined as unknown as boolean);
    await point(marks()[1]!);
    expect(bodies().at(-1)).toEqual({ parameters: { destination: ["ORD"] } });
  });

  test("a column without a filter of its name filters nothing, and is told to onDrill alone", async () => {
    byDestination("place");
    await show(<InteractiveDashboard id="operations" />);
    expect(page.querySelector(".oriel-drill")).toBeNull();
    await point(marks()[1]!);
    expect(bodies()).toHaveLength(1);
    const drilled = vi.fn();
    await show(<InteractiveDashboard id="operations" onDrill={drilled} />);
    await point(marks()[1]!);
    expect(drilled).toHaveBeenCalledExactlyOnceWith({
      card: "departures",
      question: "departures",
      column: "place",
      value: "ORD",
    });
    expect(bodies()).toHaveLength(1);
  });

  test.each([
    [undefined, "2001-02-01"],
    ["week", "2001-02-07"],
    ["month", "2001-02-28"],
    ["quarter", "2001-04-30"],
    ["year", "2002-01-31"],
  ])("a mark of a step of %s sets the days of that step", async (step, to) => {
    byDestination("date", "date", step);
    await show(<InteractiveDashboard id="operations" />);
    await point(marks()[1]!);
    expect(bodies().at(-1)).toEqual({ parameters: { date: { from: "2001-02-01", to } } });
  });

  test("filters go back to where they began, and the button keeps the focus", async () => {
    byDestination();
    await show(<InteractiveDashboard id="operations" defaultParams={{ destination: ["SFO"] }} />);
    const reset = button("Reset filters");
    expect(reset.getAttribute("aria-disabled")).toBe("true");
    await click(reset);
    expect(bodies()).toHaveLength(1);
    await point(marks()[0]!);
    expect(reset.getAttribute("aria-disabled")).toBe("false");
    reset.focus();
    await click(reset);
    expect(bodies().at(-1)).toEqual({ parameters: { destination: ["SFO"] } });
    expect(document.activeElement).toBe(reset);
    expect(one(".oriel-head [role=status]").textContent).toContain("as they were at first");
  });

  test("with params the host keeps the filters", async () => {
    byDestination();
    const changed = vi.fn();
    await show(
      <InteractiveDashboard id="operations" params={{ destination: ["SFO"] }} onParamsChange={changed} />,
    );
    await point(marks()[0]!);
    expect(changed).toHaveBeenCalledExactlyOnceWith({ destination: ["LAX"] });
    expect(bodies()).toEqual([{ parameters: { destination: ["SFO"] } }]);
  });

  test("a card is seen large with its data, and closing gives the focus back", async () => {
    await show(<InteractiveDashboard id="operations" />);
    const opener = button("Enlarge: Delays");
    opener.focus();
    await click(opener);
    const dialog = one<HTMLDialogElement>("dialog");
    expect(dialog.open).toBe(true);
    expect(dialog.getAttribute("aria-label")).toBe("Delays");
    expect(dialog.querySelector("table")?.textContent).toContain("ORD");
    expect(world.count(run)).toBe(1);
    await click(dialog.querySelector<HTMLElement>(".oriel-data-toggle")!);
    expect(dialog.querySelector(".oriel-twin")?.classList.contains("oriel-hidden")).toBe(false);
    await click([...dialog.querySelectorAll("button")].find((each) => each.textContent === "Close")!);
    expect(page.querySelector("dialog")).toBeNull();
    expect(document.activeElement).toBe(opener);
  });

  test("a mark of the large card filters, and the dashboard shows what came of it", async () => {
    byDestination();
    await show(<InteractiveDashboard id="operations" />);
    await click(button("Enlarge: Delays"));
    expect(one("dialog").textContent).toContain("Choose a mark to filter by destination.");
    await point(marks("dialog")[1]!);
    expect(page.querySelector("dialog")).toBeNull();
    expect(bodies().at(-1)).toEqual({ parameters: { destination: ["ORD"] } });
  });

  test("another person's sign-in closes the large card and forgets the drill", async () => {
    byDestination();
    await show(<InteractiveDashboard id="operations" />);
    await point(marks()[1]!);
    await click(button("Enlarge: Delays"));
    world.user = "usr_2";
    const seen: (Element | null)[] = [];
    world.answers[run] = () => {
      seen.push(page.querySelector("dialog"));
      return new Promise((resolve) => setTimeout(() => resolve(ndjson(dashboardLines())), 5000));
    };
    await pass(9 * 60_000);
    expect(seen).not.toHaveLength(0);
    expect(page.querySelector("dialog")).toBeNull();
    expect(bodies().at(-1)).toEqual({ parameters: {} });
    expect(text()).not.toContain("Destination: ORD");
  });

  test("a renewal keeps the large card and the filters", async () => {
    byDestination();
    await show(<InteractiveDashboard id="operations" />);
    await point(marks()[1]!);
    await click(button("Enlarge: Delays"));
    await pass(30 * 60_000);
    expect(one<HTMLDialogElement>("dialog").open).toBe(true);
    expect(bodies()).toHaveLength(2);
  });

  test("signed out at the host: nothing of it stays", async () => {
    world.answers["GET /sso"] = () => json({}, 401);
    await show(<InteractiveDashboard id="operations" />);
    expect(text()).toContain("You are signed out");
    expect(page.querySelector("dialog")).toBeNull();
  });

  test("a static dashboard has none of this", async () => {
    byDestination();
    await show(<StaticDashboard id="operations" />);
    expect(text()).not.toMatch(/Enlarge|Reset filters/);
    await point(marks()[1]!);
    expect(bodies()).toHaveLength(1);
  });
});
