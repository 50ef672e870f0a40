// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { mountChart, type MountedChart } from "./mount.js";
import { column, result } from "./testing/make.js";
import type { ChartOptions } from "./types.js";

let mounted: MountedChart | undefined;
afterEach(() => {
  mounted?.destroy();
  document.body.replaceChildren();
});

const data = result(
  [column("hour", "integer", {}, "Hour"), [0, 1, 2, 3]],
  [
    column("delay", "number", { style: "unit", unit: "minute", digits: 1 }, "Delay"),
    [12.345678901234567, -3, null, 0.1],
  ],
  [column("cost", "decimal", {}, "Cost"), ["12345678901234567890.10", "0.00", null, "1"]],
  [column("id", "integer64", {}, "Id"), ["9007199254740993", "1", "2", "3"]],
  [column("at", "timestamp", {}, "At"), ["2001-01-01T00:47:00", null, "2001-01-01T01:00:00", ""]],
  [column("on", "boolean", {}, "On"), [true, false, null, true]],
);

function mount(partial: Partial<ChartOptions> = {}): HTMLElement {
  const element = document.createElement("div");
  document.body.append(element);
  mounted = mountChart(element, {
    chart: { kind: "bar", x: "hour", y: ["delay"] },
    result: data,
    title: "Delay by hour",
    locale: "en-US",
    ...partial,
  });
  return element;
}

function point(element: Element, place: number): SVGElement {
  return element.querySelector(`[data-oriel-point="${place}"]`) as SVGElement;
}

function press(key: string): void {
  document.activeElement?.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
  );
}

describe("the twin", () => {
  it.each(["number", "bar", "row", "line", "scatter", "table"] as const)(
    "of a %s chart holds every value exactly as it was received",
    (kind) => {
      const twin = mount({ chart: { kind, x: "hour", y: ["delay"] } }).querySelector(
        "table[data-oriel-twin]",
      );
      expect(twin?.querySelector("caption")?.textContent).toBe("Delay by hour");
      const heads = [...(twin?.querySelectorAll("th[scope=col]") ?? [])];
      expect(heads.map((head) => head.getAttribute("data-column"))).toEqual([
        "hour",
        "delay",
        "cost",
        "id",
        "at",
        "on",
      ]);
      expect(heads.map((head) => head.textContent)).toEqual(["Hour", "Delay", "Cost", "Id", "At", "On"]);
      const rows = [...(twin?.querySelectorAll("tbody tr") ?? [])].map((row) =>
        [...row.querySelectorAll("td")].map((cell) => cell.textContent),
      );
      expect(rows).toEqual([
        [
          "0",
          "12.345678901234567",
          "12345678901234567890.10",
          "9007199254740993",
          "2001-01-01T00:47:00",
          "true",
        ],
        ["1", "-3", "0.00", "1", "", "false"],
        ["2", "", "", "2", "2001-01-01T01:00:00", ""],
        ["3", "0.1", "1", "3", "", "true"],
      ]);
    },
  );

  it("is there for an empty result, and whole for 2,000 rows", () => {
    const rows = (length: number) => result([column("n", "integer"), [...Array(length).keys()]]);
    const element = mount({ chart: { kind: "table" }, result: rows(0) });
    expect(element.querySelectorAll("[data-oriel-twin] th")).toHaveLength(1);
    mounted?.update({ result: rows(2000) });
    expect(element.querySelectorAll("[data-oriel-twin] tbody tr")).toHaveLength(2000);
    expect(element.querySelectorAll(".oriel-view tbody tr")).toHaveLength(200);
  });

  it("takes the chart's place when the data is asked for", () => {
    const element = mount({ showData: true });
    expect(element.querySelector(".oriel-view")?.hasAttribute("hidden")).toBe(true);
    expect(element.querySelector(".oriel-twin")?.classList.contains("oriel-hidden")).toBe(false);
    expect(element.querySelector(".oriel-twin")?.getAttribute("tabindex")).toBe("0");
    mounted?.update({ showData: false });
    expect(element.querySelector(".oriel-view")?.hasAttribute("hidden")).toBe(false);
    expect(element.querySelector(".oriel-twin")?.classList.contains("oriel-hidden")).toBe(true);
  });
});

describe("the keyboard", () => {
  it("goes from point to point with the arrows, to the ends with Home and End, and one tab stop is enough", () => {
    const element = mount();
    point(element, 0).focus();
    const at = () => document.activeElement?.getAttribute("data-oriel-point");
    const stops = () =>
      [...element.querySelectorAll('[tabindex="0"]')].map((stop) => stop.getAttribute("data-oriel-point"));
    expect([at(), stops()]).toEqual(["0", ["0"]]);
    press("ArrowRight");
    expect([at(), stops()]).toEqual(["1", ["1"]]);
    press("End");
    expect(at()).toBe("3");
    press("ArrowDown");
    expect(at()).toBe("3");
    press("ArrowLeft");
    expect(at()).toBe("2");
    press("Home");
    expect(at()).toBe("0");
  });

  it("shows the tip of the point it is at, and Escape hides it", () => {
    const element = mount();
    const tip = element.querySelector(".oriel-tip") as HTMLElement;
    expect(tip.hidden).toBe(true);
    point(element, 1).focus();
    expect(tip.hidden).toBe(false);
    expect(tip.textContent).toBe("Hour 1Delay-3.0 min");
    expect(point(element, 1).getAttribute("aria-label")).toBe("Hour 1: Delay -3.0 min");
    press("Escape");
    expect(tip.hidden).toBe(true);
  });

  it("is told the dot that it reaches among many", () => {
    const many = [...Array(1000).keys()];
    const element = mount({
      chart: { kind: "scatter", x: "x", y: ["y"] },
      result: result([column("x", "integer"), many], [column("y", "integer"), many]),
    });
    expect(element.querySelectorAll("circle[aria-label]")).toHaveLength(1);
    point(element, 0).focus();
    press("ArrowRight");
    expect(document.activeElement?.getAttribute("aria-label")).toBe("x 1, y 1");
    expect(document.activeElement?.getAttribute("role")).toBe("graphics-symbol");
  });

  it("stays at its point when the chart is drawn anew", () => {
    const element = mount();
    point(element, 2).focus();
    mounted?.update({ locale: "de-DE" });
    expect(document.activeElement).toBe(point(element, 2));
    expect(point(element, 0).getAttribute("aria-label")).toContain("12,3 Min.");
  });
});

describe("a pointer", () => {
  it("shows the tip of what it is over", () => {
    const element = mount();
    const view = element.querySelector(".oriel-view") as HTMLElement;
    const middle = Number(element.querySelectorAll(".oriel-band")[1]?.getAttribute("x")) + 5;
    view.dispatchEvent(new PointerEvent("pointermove", { clientX: middle, clientY: 100, bubbles: true }));
    expect(element.querySelector(".oriel-tip")?.textContent).toContain("Hour 1");
    expect(element.querySelectorAll(".oriel-active")).toHaveLength(1);
    view.dispatchEvent(new PointerEvent("pointerleave"));
    expect(element.querySelectorAll(".oriel-active")).toHaveLength(0);
  });
});

describe("a mounted chart", () => {
  it("replaces what was there, is drawn anew on update, and is gone after destroy", () => {
    const element = document.createElement("div");
    element.textContent = "a skeleton";
    document.body.append(element);
    mounted = mountChart(element, {
      chart: { kind: "bar", x: "hour", y: ["delay"] },
      result: data,
      title: "One",
    });
    expect(element.textContent).not.toContain("a skeleton");
    mounted.update({ title: "Two", chart: { kind: "row", x: "hour", y: ["delay"] } });
    expect(element.querySelectorAll(".oriel-chart")).toHaveLength(1);
    expect(element.querySelector("svg")?.getAttribute("aria-label")).toBe("Two");
    mounted.destroy();
    mounted.destroy();
    expect(element.childNodes).toHaveLength(0);
  });

  it("names what scrolls otherwise than the frame around it, which bears the title", () => {
    const element = mount({ showData: true });
    expect(element.querySelector("[role=region]")?.getAttribute("aria-label")).toBe("Delay by hour: rows");
  });

  it("keeps its elements when nothing changed, and when only the theme did", () => {
    const element = mount({ theme: "light" });
    const before = element.firstElementChild;
    mounted?.update({ title: "Delay by hour", result: data });
    mounted?.update({ theme: "dark" });
    expect(element.firstElementChild).toBe(before);
    expect(before?.getAttribute("data-oriel-theme")).toBe("dark");
    mounted?.update({ theme: undefined });
    expect(before?.hasAttribute("data-oriel-theme")).toBe(false);
  });

  it("brings its styles into the page once, and into a shadow root", () => {
    mount();
    const sheets = document.adoptedStyleSheets.length;
    mount();
    expect(document.adoptedStyleSheets).toHaveLength(sheets);
    const host = document.createElement("div");
    document.body.append(host);
    const inside = document.createElement("div");
    const shadow = host.attachShadow({ mode: "open" });
    shadow.append(inside);
    mountChart(inside, { chart: { kind: "number", y: ["delay"] }, result: data, title: "Delay" }).destroy();
    expect(shadow.adoptedStyleSheets).toHaveLength(1);
  });

  it("is drawn anew when its place has a new size, and left alone when it has none", () => {
    const size = { width: 500, height: 200 };
    let resized = (): void => undefined;
    const sized = (name: "clientWidth" | "clientHeight", key: "width" | "height") =>
      vi.spyOn(HTMLElement.prototype, name, "get").mockImplementation(() => size[key]);
    sized("clientWidth", "width");
    sized("clientHeight", "height");
    const page = document.defaultView as Window & typeof globalThis;
    const { ResizeObserver } = page;
    page.ResizeObserver = class {
      constructor(callback: ResizeObserverCallback) {
        resized = () => callback([], this);
      }
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    };
    const element = mount();
    const twin = element.querySelector("[data-oriel-twin]");
    const drawn = () =>
      ["width", "height"].map((name) => Number(element.querySelector("svg")?.getAttribute(name)));
    expect(drawn()).toEqual([500, 200]);
    point(element, 1).focus();
    size.width = 320;
    resized();
    expect(drawn()).toEqual([320, 200]);
    expect(document.activeElement).toBe(point(element, 1));
    expect(element.querySelector("[data-oriel-twin]")).toBe(twin);
    const svg = element.querySelector("svg");
    resized();
    size.width = 0;
    resized();
    expect(element.querySelector("svg")).toBe(svg);
    page.ResizeObserver = ResizeObserver;
    vi.restoreAllMocks();
  });

  it("notes that rows were left out", () => {
    const element = mount({ result: { ...data, truncated: true } });
    expect(element.querySelector(".oriel-note")?.textContent).toBe("First 4 rows");
  });
});
