import { describe, expect, it } from "vitest";
import { estimate } from "./measure.js";
import { all, column, draw, numbers, result, text } from "./testing/make.js";

const minutes = { style: "unit", unit: "minute", digits: 1 } as const;

describe("any chart", () => {
  it.each(["number", "bar", "row", "line", "scatter", "table"] as const)(
    "of kind %s says calmly that there is no data",
    (kind) => {
      const drawn = draw(
        { kind, x: "a", y: ["b"] },
        result([column("a", "text"), []], [column("b", "integer"), []]),
      );
      expect(text(drawn.body)).toBe("No data for this selection");
      expect(drawn.points).toEqual([]);
    },
  );

  it.each(["bar", "row", "line", "scatter"] as const)(
    "of kind %s has no data where every value is null",
    (kind) => {
      const drawn = draw(
        { kind, x: "a", y: ["b"] },
        result([column("a", "integer"), [1, 2]], [column("b", "integer"), [null, null]]),
      );
      expect(text(drawn.body)).toBe("No data for this selection");
    },
  );

  it("names the column that it lacks", () => {
    const drawn = draw({ kind: "bar", x: "a", y: ["gone"] }, result([column("a", "text"), ["x"]]));
    expect(text(drawn.body)).toContain("“gone”");
  });

  it("draws the number columns where none are named", () => {
    const drawn = draw(
      { kind: "bar" },
      result(
        [column("a", "text"), ["x"]],
        [column("n", "integer"), [4]],
        [column("n_previous", "integer"), [3]],
      ),
    );
    expect(drawn.tip(0)).toEqual({ heading: "x", lines: [{ label: "n", value: "4" }] });
  });

  it.each(["bar", "row", "line", "scatter"] as const)(
    "of kind %s is named, summarised, and its points are told and reachable",
    (kind) => {
      const { body } = draw(
        { kind, x: "a", y: ["b"], note: "A note." },
        result([column("a", "integer"), [1, 2, 3]], [column("b", "integer", {}, "Count"), [5, 9, 7]]),
      );
      expect(body.attributes).toMatchObject({ role: "graphics-document", "aria-label": "Title" });
      const [description] = body.children;
      expect(description).toMatchObject({ tag: "desc" });
      expect(text(description ?? "")).toMatch(/^3 \w+.*Count: highest 9 .*lowest 5 .*A note\.$/);
      const marks = all(body, kind === "scatter" ? "oriel-scatter" : "oriel-point");
      expect(marks.map((mark) => mark.attributes["tabindex"])).toEqual([0, -1, -1]);
      expect(marks.every((mark) => String(mark.attributes["aria-label"]).includes("Count"))).toBe(true);
    },
  );

  it.each([240, 360, 600, 1200])("keeps its labels apart and inside at %i pixels", (width) => {
    const days = Array.from({ length: 90 }, (_, day) =>
      new Date(Date.UTC(2001, 0, 1 + day)).toISOString().slice(0, 10),
    );
    const data = result(
      [column("x", "date"), days],
      [column("y", "number", minutes), days.map((_, i) => i - 30)],
    );
    const hours = result(
      [column("x", "integer"), [...Array(24).keys()]],
      [column("y", "number", minutes), [...Array(24).keys()]],
    );
    for (const [kind, rows] of [
      ["line", data],
      ["bar", hours],
    ] as const) {
      const { body } = draw({ kind, x: "x", y: ["y"] }, rows, { width });
      const middle = all(body, "oriel-tick").filter((tick) => tick.attributes["text-anchor"] === "middle");
      const labels = middle.filter((tick) => tick.attributes["y"] === middle.at(-1)?.attributes["y"]);
      expect(labels.length).toBeGreaterThanOrEqual(3);
      let edge = 0;
      for (const label of labels) {
        const half = estimate(text(label)) / 2;
        expect(Number(label.attributes["x"]) - half).toBeGreaterThanOrEqual(edge - 0.1);
        edge = Number(label.attributes["x"]) + half + 8;
      }
      expect(edge - 8).toBeLessThanOrEqual(width + 0.1);
    }
  });
});

describe("bar", () => {
  it("draws negative values below the zero line and keeps a place for a quiet hour", () => {
    const drawn = draw(
      { kind: "bar", x: "hour", y: ["delay"] },
      result([column("hour", "integer"), [0, 1, 4]], [column("delay", "number", minutes), [10, -5, 3]]),
    );
    const zero = Number(all(drawn.body, "oriel-zero")[0]?.attributes["y1"]);
    const [first, second] = all(drawn.body, "oriel-bar").map((bar) =>
      numbers(bar, "d").filter((_, i) => i % 2 === 1),
    );
    expect(Math.min(...(first ?? []))).toBeLessThan(zero);
    expect(all(drawn.body, "oriel-tick").map(text)).toEqual(
      expect.arrayContaining(["0", "1", "2", "3", "4"]),
    );
    expect(second).toBeDefined();
    const [a, b, c] = drawn.points.map((point) => point.x);
    expect((c ?? 0) - (b ?? 0)).toBeCloseTo(3 * ((b ?? 0) - (a ?? 0)), 0);
  });

  it("keeps the order of rows that are not ascending", () => {
    const drawn = draw(
      { kind: "bar", x: "hour", y: ["n"] },
      result([column("hour", "integer"), [9, 3, 12]], [column("n", "integer"), [3, 2, 1]]),
    );
    expect(drawn.points.map((point) => point.x)).toEqual(
      drawn.points.map((point) => point.x).sort((a, b) => a - b),
    );
    expect(drawn.tip(1).heading).toBe("hour 3");
  });

  it("leaves the place of a null empty and says so", () => {
    const drawn = draw(
      { kind: "bar", x: "h", y: ["n"] },
      result([column("h", "text"), ["a", null]], [column("n", "integer64"), ["3", null]]),
    );
    expect(all(drawn.body, "oriel-bar")).toHaveLength(1);
    expect(drawn.tip(1)).toEqual({ heading: "–", lines: [{ label: "n", value: "–" }] });
  });

  it("finds the bar under a pointer in its whole height", () => {
    const drawn = draw(
      { kind: "bar", x: "h", y: ["n"] },
      result([column("h", "text"), ["a", "b"]], [column("n", "integer"), [1, 100]]),
    );
    expect(drawn.nearest(drawn.points[0]?.x ?? 0, 60)).toBe(0);
    expect(drawn.nearest(drawn.points[1]?.x ?? 0, 60)).toBe(1);
    expect(drawn.nearest(0, 60)).toBe(-1);
  });
});

describe("line", () => {
  const moves = (d: unknown) => String(d).split("M").length - 1;
  const draws = (days: string[], values: unknown[]) =>
    draw(
      { kind: "line", x: "day", y: ["n"] },
      result([column("day", "date"), days], [column("n", "integer"), values]),
    );
  const days = [
    "2001-01-01",
    "2001-01-02",
    "2001-01-03",
    "2001-01-04",
    "2001-01-05",
    "2001-01-06",
    "2001-01-07",
    "2001-01-08",
  ];

  it("is one stroke where nothing is missing", () => {
    const [path] = all(draws(days, [1, 2, 3, 4, 5, 6, 7, 8]).body, "oriel-line");
    expect(moves(path?.attributes["d"])).toBe(1);
  });

  it("draws a null as a gap", () => {
    const [path] = all(draws(days, [1, 2, null, 4, 5, 6, 7, 8]).body, "oriel-line");
    expect(moves(path?.attributes["d"])).toBe(2);
  });

  it("draws a day without a row as a gap", () => {
    const without = days.filter((day) => day !== "2001-01-04");
    const [path] = all(draws(without, [1, 2, 3, 5, 6, 7, 8]).body, "oriel-line");
    expect(moves(path?.attributes["d"])).toBe(2);
  });

  const stepped = (missing: "zero" | "gap", step: "day" | "month", xs: string[], values: unknown[]) => {
    const drawn = draw(
      { kind: "line", x: "day", y: ["n"], step, missing },
      result([column("day", "date"), xs], [column("n", "integer"), values]),
    );
    return { drawn, d: String(all(drawn.body, "oriel-line")[0]?.attributes["d"]) };
  };
  const few = ["2001-02-08", "2001-02-13", "2001-02-14", "2001-02-16", "2001-02-28"];

  it("runs along zero where days without a row count nothing", () => {
    const { drawn, d } = stepped("zero", "day", few, [1, 1, 2, 1, 1]);
    const [zero] = all(stepped("zero", "day", few, [0, 1, 2, 1, 1]).drawn.body, "oriel-dot");
    const heights = d.match(/[\d.]+(?=[ML]|$)/g)?.map(Number) ?? [];
    expect(moves(d)).toBe(1);
    // 9 to 12, the 15th (its two ends are one), 17 to 27: six corners on zero beside the five points.
    expect(heights.filter((y) => y === Number(zero?.attributes["cy"]))).toHaveLength(6);
    expect(drawn.points).toHaveLength(5);
    expect(all(drawn.body, "oriel-lone")).toHaveLength(0);
  });

  it("leaves steps without a figure out, however irregular the rest", () => {
    const { drawn, d } = stepped("gap", "day", few, [1, 1, 2, 1, 1]);
    expect(moves(d)).toBe(4);
    expect(all(drawn.body, "oriel-lone")).toHaveLength(3);
  });

  it("knows months of unlike length by their step", () => {
    const months = ["2000-12-01", "2001-01-01", "2001-02-01", "2001-03-01", "2001-05-01"];
    expect(moves(stepped("gap", "month", months, [1, 2, 3, 4, 5]).d)).toBe(2);
    expect(moves(stepped("zero", "month", months, [1, 2, 3, 4, 5]).d)).toBe(1);
  });

  it("draws months of unlike length without gaps", () => {
    const months = Array.from({ length: 12 }, (_, month) => `2001-${String(month + 1).padStart(2, "0")}-01`);
    const drawn = draws(
      months,
      months.map((_, i) => i),
    );
    expect(moves(all(drawn.body, "oriel-line")[0]?.attributes["d"])).toBe(1);
    expect(drawn.tip(1).heading).toBe("Feb 2001");
  });

  it("shows a value between two gaps as a dot", () => {
    const drawn = draws(days, [1, null, 3, null, 5, 6, 7, 8]);
    expect(all(drawn.body, "oriel-lone")).toHaveLength(2);
  });

  it("goes along time, whatever the rows' order", () => {
    const drawn = draws(["2001-01-03", "2001-01-01", "2001-01-02"], [3, 1, 2]);
    expect(drawn.tip(0)).toEqual({ heading: "Mon, Jan 1, 2001", lines: [{ label: "n", value: "1" }] });
    expect(drawn.points.map((point) => point.x)).toEqual(
      drawn.points.map((point) => point.x).sort((a, b) => a - b),
    );
  });

  it("draws one day alone", () => {
    const drawn = draws(["2001-01-03"], [3]);
    expect(all(drawn.body, "oriel-lone")).toHaveLength(1);
    expect(JSON.stringify(drawn.body)).not.toMatch(/NaN|Infinity/);
  });
});

describe("row", () => {
  const species = [
    "Rock pigeon",
    "Unknown bird - medium, and a name that goes on and on without end",
    "Coyote",
  ];
  const data = result(
    [column("species", "text"), species],
    [column("strikes", "integer64", {}, "Strikes"), ["12", "-4", null]],
    [
      column("cost", "decimal", { style: "currency", currency: "USD", digits: 0 }, "Cost"),
      ["125673", "0", null],
    ],
  );

  it("draws the first y as bars and the others as text", () => {
    const { body } = draw({ kind: "row", x: "species", y: ["strikes", "cost"] }, data);
    expect(all(body, "oriel-bar")).toHaveLength(2);
    expect(all(body, "oriel-value").map(text)).toEqual(["12", "$125,673", "-4", "$0", "–", "–"]);
    expect(all(body, "oriel-tick").map(text)).toEqual(["Strikes", "Cost"]);
  });

  it("draws a negative bar to the left of the zero line, after the names", () => {
    const { body } = draw({ kind: "row", x: "species", y: ["strikes"] }, data);
    const [positive, negative] = all(body, "oriel-bar").map((bar) => numbers(bar, "d"));
    const zero = Number(all(body, "oriel-zero")[0]?.attributes["x1"]);
    expect(positive?.[0]).toBeCloseTo(zero, 0);
    expect(negative?.[2]).toBeLessThan(zero);
  });

  it("cuts a long name with an ellipsis and keeps it whole in its title and tip", () => {
    const drawn = draw({ kind: "row", x: "species", y: ["strikes", "cost"] }, data, { width: 320 });
    const label = all(drawn.body, "oriel-label")[1];
    expect(label?.children[0]).toMatch(/…$/);
    expect(label?.children[1]).toMatchObject({ tag: "title", children: [species[1]] });
    expect(drawn.tip(1).heading).toBe(species[1]);
  });

  it("grows beyond a low box rather than press its rows together", () => {
    const many = result(
      [column("s", "text"), [...Array(40).keys()].map(String)],
      [column("n", "integer"), [...Array(40).keys()]],
    );
    expect(
      Number(draw({ kind: "row", x: "s", y: ["n"] }, many, { height: 200 }).body.attributes["height"]),
    ).toBeGreaterThanOrEqual(800);
  });
});

describe("scatter", () => {
  const data = (length: number) =>
    result(
      [column("x", "integer", {}, "Distance"), Array.from({ length }, (_, i) => (i * 37) % 1000)],
      [column("y", "integer", {}, "Delay"), Array.from({ length }, (_, i) => ((i * 53) % 300) - 60)],
      [column("code", "text"), Array.from({ length }, (_, i) => `C${i}`)],
    );
  const chart = { kind: "scatter", x: "x", y: ["y"], label: "code" } as const;

  it("draws one dot a row and names it in its tip", () => {
    const drawn = draw(chart, data(2000));
    expect(all(drawn.body, "oriel-scatter")).toHaveLength(2000);
    const near = drawn.points[700] ?? { x: 0, y: 0 };
    const tip = drawn.tip(drawn.nearest(near.x, near.y));
    expect(tip.heading).toMatch(/^C\d+$/);
    expect(tip.lines.map((line) => line.label)).toEqual(["Distance", "Delay"]);
  });

  it("leaves out rows that lack a coordinate", () => {
    const holes = result([column("x", "integer"), [1, null, 3]], [column("y", "integer"), [1, 2, null]]);
    expect(draw({ kind: "scatter", x: "x", y: ["y"] }, holes).points).toHaveLength(1);
  });

  it("finds nothing far from every dot", () => {
    const drawn = draw(chart, result([column("x", "integer"), [0, 100]], [column("y", "integer"), [0, 100]]));
    expect(drawn.nearest(300, 20)).toBe(-1);
  });
});

describe("number", () => {
  const number = (
    type: "integer" | "number",
    format: object,
    value: unknown,
    previous: unknown,
    better?: "up" | "down",
  ) =>
    draw(
      { kind: "number", y: ["v"], better },
      result([column("v", type, format), [value]], [column("v_previous", type, format), [previous]]),
    ).body;

  it.each([
    ["integer", {}, 345, 358, "up", "345", "Down -3.6% vs. preceding period", "oriel-bad"],
    ["integer", {}, 400, 200, "up", "400", "Up +100% vs. preceding period", "oriel-good"],
    ["integer", {}, 400, 200, undefined, "400", "Up +100% vs. preceding period", "oriel-even"],
    ["integer", {}, 5, 0, "up", "5", "Up +5 vs. preceding period", "oriel-good"],
    ["number", minutes, 12.9, 4.9, "down", "12.9 min", "Up +8.0 min vs. preceding period", "oriel-bad"],
    ["number", minutes, -2, 4, "down", "-2.0 min", "Down -6.0 min vs. preceding period", "oriel-good"],
    ["number", minutes, 4.01, 4, "down", "4.0 min", "Unchanged 0.0 min vs. preceding period", "oriel-even"],
    [
      "number",
      { style: "percent", digits: 1 },
      0.267,
      0.25,
      "down",
      "26.7%",
      "Up +1.7 pts vs. preceding period",
      "oriel-bad",
    ],
  ] as const)(
    "%s %o: %s after %s with better %s",
    (type, format, value, previous, better, figure, trend, tone) => {
      const body = number(type, format, value, previous, better);
      expect(text(all(body, "oriel-figure")[0] ?? "")).toBe(figure);
      expect(text(all(body, "oriel-trend")[0] ?? "").replace(/\.0%/, "%")).toBe(trend);
      expect(all(body, "oriel-change")[0]?.attributes["class"]).toBe(`oriel-change ${tone}`);
    },
  );

  it("says that there is no comparison where the former value is null or its column missing", () => {
    expect(text(all(number("integer", {}, 5, null), "oriel-trend")[0] ?? "")).toBe("no comparison");
    const alone = draw({ kind: "number", y: ["v"] }, result([column("v", "integer"), [5]]));
    expect(text(all(alone.body, "oriel-trend")[0] ?? "")).toBe("no comparison");
  });

  it("shows a dash and no trend for null", () => {
    const body = number("number", minutes, null, 4);
    expect(text(body)).toBe("–");
  });
});

describe("table", () => {
  it("writes values for people, numbers aligned, and begins with 200 rows", () => {
    const rows = [...Array(450).keys()];
    const drawn = draw(
      { kind: "table" },
      result(
        [column("t", "timestamp"), rows.map(() => "2001-01-01T00:47:00")],
        [column("n", "number", minutes), rows],
      ),
      { locale: "en-GB" },
    );
    const [, body] = drawn.body.children;
    expect(typeof body === "object" && body.children.length).toBe(200);
    expect(drawn.rows?.(200, 400)).toHaveLength(200);
    expect(drawn.rows?.(400, 600)).toHaveLength(50);
    expect(text(drawn.rows?.(7, 8)[0] ?? "")).toBe("1 Jan 2001, 0:477.0 mins");
  });

  it("shows only the columns that it names", () => {
    const data = result(
      [column("a", "text"), ["1"]],
      [column("b", "text"), ["2"]],
      [column("c", "text"), ["3"]],
    );
    expect(all(draw({ kind: "table", x: "c", y: ["a"] }, data).body, "oriel-table").map(text)).toEqual([
      "ca31",
    ]);
  });
});
