import { describe, expect, test } from "vitest";
import type { Model, QuestionRun, Result } from "@oriel/core";
import {
  addAggregation,
  addBreakout,
  addFilter,
  askOf,
  canSeeRows,
  draftOf,
  fieldsOf,
  kindsFor,
  rowsBehind,
  sortBy,
  without,
  type Draft,
} from "./tree.js";

const column = (name: string, type: Model["columns"][number]["type"], more: object = {}) => ({
  name,
  label: name.toUpperCase(),
  type,
  format: {},
  ...more,
});
const flights: Model = {
  id: "flights",
  name: "Flights",
  source: "s",
  columns: [
    column("left_at", "timestamp"),
    column("to", "text", { foreign_key: { model: "constructor", column: "code" } }),
    column("miles", "integer", { format: { style: "unit", unit: "mile" } }),
  ],
};
// Of a name that every object has by itself.
const airports: Model = {
  id: "constructor",
  name: "Airports",
  source: "s",
  columns: [column("code", "text"), column("city", "text")],
};
const models = new Map([flights, airports].map((model) => [model.id, model]));
const question: QuestionRun["question"] = {
  id: "q",
  name: "Q",
  chart: { kind: "line", x: "day", y: ["n"], note: "As it was." },
  downloads: [],
  parameters: [
    { name: "date", label: "Date", type: "date_range", required: false },
    { name: "to", label: "To", type: "list", required: false, default: ["LAX"] },
  ],
  structured: {
    model: "flights",
    filters: [{ column: "left_at", op: "between", parameter: "date" }],
    breakouts: [{ column: "left_at", unit: "day", as: "day" }],
    aggregations: [{ function: "count", as: "n" }],
    sort: [{ by: "day" }],
    compare: { column: "left_at", parameter: "date" },
  },
};
const result: Result = {
  columns: [
    { name: "day", label: "Day", type: "date", format: {} },
    { name: "n", label: "Departures", type: "integer", format: { style: "number", digits: 0 } },
  ],
  values: [
    ["2001-02-28", "2001-12-31", null],
    [1, 2, 3],
  ],
  row_count: 3,
  truncated: false,
  duration_ms: 1,
};
const saved = draftOf(question, result) as Draft;
const field = (name: string) => fieldsOf(saved.tree, models).find((one) => one.name === name)!;

describe("fields", () => {
  test("are the model's own and those behind its keys", () => {
    expect(fieldsOf(saved.tree, models).map((one) => one.name)).toEqual([
      ...["left_at", "to", "miles", "to.code", "to.city"],
    ]);
    const joined = { ...saved.tree, joins: [{ column: "to", as: "goal" }] };
    expect(fieldsOf(joined, models).map((one) => one.name)).toContain("goal.city");
  });

  test("none lead to a model that isn't there", () => {
    expect(fieldsOf(saved.tree, new Map([["flights", flights]]))).toHaveLength(3);
  });
});

describe("what is asked", () => {
  test("names the parameters and columns that are still used, and no empty format", () => {
    const ask = askOf(saved, question, { date: { from: "2001-01-01" }, to: ["SFO"] });
    expect(ask.question.parameters).toEqual({ date: { type: "date_range", label: "Date", required: false } });
    expect(ask.parameters).toEqual({ date: { from: "2001-01-01" } });
    expect(ask.question.columns).toEqual({
      day: { label: "Day" },
      n: { label: "Departures", format: { style: "number", digits: 0 } },
    });
  });

  test("takes no parameter for one that every object has", () => {
    expect(askOf(saved, question, { constructor: "x" }).parameters).toEqual({});
  });

  test("without the filter of a parameter, nothing is compared by it either", () => {
    const changed = without(saved, models, "filters", 0);
    expect(changed.tree).not.toHaveProperty("compare");
    expect(askOf(changed, question, { date: { from: "2001-01-01" } })).not.toHaveProperty(
      "question.parameters",
    );
  });
});

describe("changes", () => {
  test("a column behind a key brings its join, once", () => {
    const once = addFilter(saved, models, { column: "to.city", op: "=", value: "Rome" });
    expect(once.tree.joins).toEqual([{ column: "to" }]);
    expect(addBreakout(once, models, field("to.city"), {}).tree.joins).toEqual([{ column: "to" }]);
  });

  test("a note goes, for it was said of another chart", () => {
    expect(addFilter(saved, models, { column: "miles", op: ">", value: 1 }).chart.note).toBeUndefined();
  });

  test("names of result columns are free and plain", () => {
    const twice = addAggregation(
      addAggregation(saved, models, "count", undefined),
      models,
      "count",
      undefined,
    );
    expect(twice.tree.aggregations?.map((one) => one.as)).toEqual(["n", "count", "count_2"]);
    expect(
      addBreakout(saved, models, { ...field("miles"), name: "2 ways/é" }, {}).tree.breakouts?.at(-1)?.as,
    ).toBe("_2_ways__");
  });

  test("the newest sort comes first; sorts and charts of what is gone go", () => {
    expect(sortBy(saved, models, "n", true).tree.sort).toEqual([
      { by: "n", descending: true },
      { by: "day" },
    ]);
    const total = without(saved, models, "breakouts", 0);
    expect(total.tree).not.toHaveProperty("sort");
    expect(total.chart).toEqual({ kind: "number", y: ["n"] });
    const rows = without(total, models, "aggregations", 0);
    expect(rows.tree.columns).toEqual(["left_at", "to", "miles"]);
    expect(rows.chart).toEqual({ kind: "table" });
  });

  test("grouping rows counts them", () => {
    const rows: Draft = {
      tree: { model: "flights", columns: ["to"] },
      columns: {},
      chart: { kind: "table" },
    };
    const grouped = addBreakout(rows, models, field("to"), {});
    expect(grouped.tree).toEqual({
      model: "flights",
      breakouts: [{ column: "to", as: "to" }],
      aggregations: [{ function: "count", as: "count" }],
      sort: [{ by: "count", descending: true }],
    });
    expect(grouped.chart).toEqual({ kind: "bar", x: "to", y: ["count"] });
  });

  test("kinds that fit", () => {
    const fields = fieldsOf(saved.tree, models);
    expect(kindsFor(saved.tree, fields)[0]).toBe("line");
    expect(
      kindsFor({ ...saved.tree, breakouts: [{ column: "left_at", unit: "hour_of_day" }] }, fields)[0],
    ).toBe("bar");
    const two = [{ column: "to" }, { column: "miles" }];
    expect(kindsFor({ ...saved.tree, breakouts: two }, fields)).toEqual(["table"]);
  });
});

describe("the rows behind a mark", () => {
  const filters = (draft: Draft | undefined) => draft?.tree.filters?.slice(1);

  test("are those of its span of time, to the last day of a year", () => {
    const behind = (unit: "day" | "week" | "month" | "year", row: number) => {
      const tree = { ...saved.tree, breakouts: [{ column: "left_at", unit, as: "day" }] };
      return filters(rowsBehind({ ...saved, tree }, models, result, row))?.map((one) => one.value);
    };
    expect(behind("day", 0)).toEqual(["2001-02-28", "2001-03-01"]);
    expect(behind("day", 1)).toEqual(["2001-12-31", "2002-01-01"]);
    expect(behind("week", 1)).toEqual(["2001-12-31", "2002-01-07"]);
    expect(behind("month", 0)).toEqual(["2001-02-28", "2001-03-28"]);
    expect(behind("year", 0)).toEqual(["2001-02-28", "2002-02-28"]);
  });

  test("of nothing are those that are empty", () => {
    expect(filters(rowsBehind(saved, models, result, 2))).toEqual([{ column: "left_at", op: "is_null" }]);
  });

  test("keep filters and joins, and lose what was made of them", () => {
    const tree = {
      ...saved.tree,
      joins: [{ column: "to" }],
      breakouts: [{ column: "miles", bin: { width: 250 }, as: "n" }],
    };
    const behind = rowsBehind({ ...saved, tree }, models, { ...result, values: [[], [500]] }, 0);
    expect(behind?.tree).toEqual({
      model: "flights",
      joins: [{ column: "to" }],
      columns: ["left_at", "to", "miles"],
      filters: [
        { column: "left_at", op: "between", parameter: "date" },
        { column: "miles", op: ">=", value: 500 },
        { column: "miles", op: "<", value: 750 },
      ],
    });
  });

  test("are found by an exact number, and not at all by one that would be rounded", () => {
    const tree = { ...saved.tree, breakouts: [{ column: "miles", as: "n" }] };
    const behind = (type: Result["columns"][number]["type"], value: unknown) => {
      const columns = [{ name: "n", label: "N", type, format: {} }];
      return filters(rowsBehind({ ...saved, tree }, models, { ...result, columns, values: [[value]] }, 0));
    };
    expect(behind("decimal", "12.50")).toEqual([{ column: "miles", op: "=", value: 12.5 }]);
    expect(behind("integer64", "9007199254740993")).toBeUndefined();
    expect(behind("text", "12.50")).toEqual([{ column: "miles", op: "=", value: "12.50" }]);
  });

  test("can't be told from an hour of the day", () => {
    expect(canSeeRows({ ...saved.tree, breakouts: [{ column: "left_at", unit: "hour_of_day" }] })).toBe(
      false,
    );
  });
});
