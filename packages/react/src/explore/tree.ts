import type { Chart, Column, Model, QuestionRun, QuestionTree, Result, UnsavedAsk } from "@oriel/core";
import { words } from "../words.js";

/** What a question is changed to: its tree, how its columns are called, and how it is drawn. */
export interface Draft {
  tree: QuestionTree;
  columns: NonNullable<UnsavedAsk["question"]["columns"]>;
  chart: Chart;
}

/** A column that can be asked for; `name` is as a tree writes it, `to.city` behind a join. */
export interface Field {
  name: string;
  label: string;
  type: Column["type"];
  format: Column["format"];
  /** The label of the key that leads to it; empty for the model's own. */
  group: string;
}

export type Filter = NonNullable<QuestionTree["filters"]>[number];
export type Breakout = NonNullable<QuestionTree["breakouts"]>[number];
export type Aggregation = NonNullable<QuestionTree["aggregations"]>[number];
export type Unit = NonNullable<Breakout["unit"]>;
type Models = ReadonlyMap<string, Model>;

/** All columns that a tree may be given, those behind joins after the model's own. */
export function fieldsOf(tree: QuestionTree, models: Models): Field[] {
  const own = models.get(tree.model)?.columns ?? [];
  const fields: Field[] = own.map((column) => ({ ...pick(column), group: "" }));
  const joins = new Map((tree.joins ?? []).map((join) => [join.column, join.as ?? join.column]));
  for (const { name, label, foreign_key } of own) {
    const target = foreign_key && models.get(foreign_key.model);
    if (!target) continue;
    const prefix = joins.get(name) ?? name;
    for (const column of target.columns) {
      fields.push({ ...pick(column), name: `${prefix}.${column.name}`, group: label });
    }
  }
  return fields;
}

function pick({ name, label, type, format }: Model["columns"][number]): Omit<Field, "group"> {
  return { name, label, type, format };
}

/** What people read of a column. */
export function called(field: Field): string {
  return field.group === "" ? field.label : `${field.group}: ${field.label}`;
}

export function isNumber(type: Column["type"] | undefined): boolean {
  return type === "integer" || type === "integer64" || type === "decimal" || type === "number";
}

export function isTime(type: Column["type"] | undefined): boolean {
  return type === "date" || type === "timestamp";
}

/**
 * A number as a question takes it: integers and decimals that may not fit come as
 * texts. Undefined for what is none, or an integer that would be rounded.
 */
export function exactly(value: unknown): number | undefined {
  if (value === "" || (typeof value !== "string" && typeof value !== "number")) return undefined;
  const number = Number(value);
  const fits = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
  return fits ? number : undefined;
}

/** The tree with the join that a column needs. */
function joined(tree: QuestionTree, models: Models, column: string): QuestionTree {
  const dot = column.lastIndexOf(".");
  const prefix = column.slice(0, Math.max(dot, 0));
  if (dot < 0 || tree.joins?.some((join) => (join.as ?? join.column) === prefix)) return tree;
  const isKey = models
    .get(tree.model)
    ?.columns.some(({ name, foreign_key }) => name === prefix && foreign_key);
  return isKey ? { ...tree, joins: [...(tree.joins ?? []), { column: prefix }] } : tree;
}

/** The names of the result's columns, in their order. */
export function outputs(tree: QuestionTree): string[] {
  const breakouts = (tree.breakouts ?? []).map((one) => one.as ?? one.column);
  const aggregations = (tree.aggregations ?? []).map((one) => one.as);
  return breakouts.length + aggregations.length > 0
    ? [...breakouts, ...aggregations]
    : [...(tree.columns ?? [])];
}

/** A result column's name that isn't taken: letters, digits and _. */
function free(tree: QuestionTree, wanted: string): string {
  const taken = new Set(outputs(tree));
  const plain = wanted
    .replace(/[^A-Za-z0-9_]/g, "_")
    .replace(/^(?=\d)/, "_")
    .slice(0, 58);
  for (let n = 1; ; n++) {
    const name = n === 1 ? plain : `${plain}_${String(n)}`;
    if (!taken.has(name)) return name;
  }
}

/** A draft that is the saved question; undefined without its tree. */
export function draftOf(question: QuestionRun["question"], result: Result | undefined): Draft | undefined {
  if (!question.structured) return undefined;
  const columns: Draft["columns"] = {};
  for (const { name, label, format } of result?.columns ?? []) columns[name] = { label, format };
  return { tree: question.structured, columns, chart: question.chart };
}

/** What is sent: only parameters that are still used, and names of columns that are still there. */
export function askOf(draft: Draft, question: QuestionRun["question"], params: object): UnsavedAsk {
  const used = new Set((draft.tree.filters ?? []).map((filter) => filter.parameter));
  used.add(draft.tree.compare?.parameter);
  const parameters: NonNullable<UnsavedAsk["question"]["parameters"]> = {};
  for (const { name, label, type, required, default: standard } of question.parameters) {
    if (!used.has(name)) continue;
    parameters[name] = { type, label, required, ...(standard === undefined ? {} : { default: standard }) };
  }
  const names = outputs(draft.tree);
  const columns: Draft["columns"] = {};
  for (const name of names) {
    const { label, format } = draft.columns[name] ?? {};
    const written = { ...(label ? { label } : {}), ...(format?.style ? { format } : {}) };
    if (Object.keys(written).length > 0) columns[name] = written;
  }
  const { kind, x, y, label, better, note } = draft.chart;
  return {
    question: {
      structured: draft.tree,
      ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
      ...(Object.keys(columns).length > 0 ? { columns } : {}),
    },
    chart: {
      kind,
      ...(x === undefined ? {} : { x }),
      ...(y && y.length > 0 ? { y: [...y] } : {}),
      ...(label === undefined ? {} : { label }),
      ...(better === undefined ? {} : { better }),
      ...(note === undefined ? {} : { note }),
    },
    parameters: Object.fromEntries(
      Object.entries(params).filter(([name]) => Object.hasOwn(parameters, name)),
    ),
  };
}

/** The draft with another tree, drawn as before where that still fits. */
function changed(draft: Draft, tree: QuestionTree, models: Models, more: Draft["columns"] = {}): Draft {
  const names = outputs(tree);
  const sort = (tree.sort ?? []).filter(({ by }) => names.includes(by));
  const next: QuestionTree = { ...tree };
  delete next.sort;
  if (sort.length > 0) next.sort = sort;
  for (const part of ["joins", "filters", "breakouts", "aggregations"] as const) {
    if (next[part]?.length === 0) delete next[part];
  }
  const measured = (next.aggregations ?? []).map((one) => one.as);
  const having = (next.having ?? []).filter(({ column }) => measured.includes(column));
  delete next.having;
  if (having.length > 0) next.having = having;
  if (next.compare && !next.filters?.some((filter) => filter.parameter === next.compare?.parameter)) {
    delete next.compare;
  }
  const made = { ...draft, tree: next, columns: { ...draft.columns, ...more } };
  // A table was of rows as they were: groups have a better kind.
  const kind = isRows(draft.tree) && !isRows(next) ? undefined : draft.chart.kind;
  return { ...made, chart: chartFor(made, models, kind) };
}

export function addFilter(draft: Draft, models: Models, filter: Filter): Draft {
  const tree = joined(draft.tree, models, filter.column);
  return changed(draft, { ...tree, filters: [...(tree.filters ?? []), filter] }, models);
}

export function addBreakout(
  draft: Draft,
  models: Models,
  field: Field,
  by: { unit?: Unit; width?: number },
): Draft {
  const tree = { ...joined(draft.tree, models, field.name) };
  delete tree.columns;
  const last = field.name.slice(field.name.lastIndexOf(".") + 1);
  const as = free(tree, by.unit === undefined ? last : `${last}_${by.unit}`);
  const breakout: Breakout = {
    column: field.name,
    as,
    ...(by.unit === undefined ? {} : { unit: by.unit }),
    ...(by.width === undefined ? {} : { bin: { width: by.width } }),
  };
  // Rows as they are become rows of a group: they are counted, until something else is asked.
  const counted = (tree.aggregations ?? []).length > 0;
  const next: QuestionTree = { ...tree, breakouts: [...(tree.breakouts ?? []), breakout] };
  const labels: Draft["columns"] = {
    [as]: { label: labelOf(field, by.unit), format: by.unit ? {} : field.format },
  };
  if (!counted) {
    next.aggregations = [{ function: "count", as: free(next, "count") }];
    labels[next.aggregations[0]?.as ?? "count"] = { label: words.functions.count };
  }
  if ((next.sort ?? []).length === 0) {
    const along = by.width !== undefined || isTime(field.type);
    const measure = next.aggregations?.[0]?.as;
    next.sort = along || measure === undefined ? [{ by: as }] : [{ by: measure, descending: true }];
  }
  return changed(draft, next, models, labels);
}

function labelOf(field: Field, unit: Unit | undefined): string {
  return unit === undefined ? called(field) : `${called(field)} (${words.units[unit]})`;
}

export function addAggregation(
  draft: Draft,
  models: Models,
  of: Aggregation["function"],
  field: Field | undefined,
): Draft {
  const tree = { ...(field ? joined(draft.tree, models, field.name) : draft.tree) };
  delete tree.columns;
  const last = field?.name.slice(field.name.lastIndexOf(".") + 1);
  const as = free(tree, last === undefined ? of : `${of}_${last}`);
  const aggregation: Aggregation = { function: of, as, ...(field ? { column: field.name } : {}) };
  const next: QuestionTree = { ...tree, aggregations: [...(tree.aggregations ?? []), aggregation] };
  const name = field ? words.functionOf(words.functions[of], called(field)) : words.functions[of];
  const same = field && of !== "distinct" && of !== "count" ? { format: field.format } : {};
  return changed(draft, next, models, { [as]: { label: name, ...same } });
}

/** Takes the one at a place out of a list of the tree. Without breakouts and aggregations rows are shown. */
export function without(
  draft: Draft,
  models: Models,
  part: "filters" | "breakouts" | "aggregations" | "sort",
  place: number,
): Draft {
  const list = (draft.tree[part] ?? []) as unknown[];
  const next: QuestionTree = { ...draft.tree, [part]: list.filter((_, at) => at !== place) };
  if (outputs(next).length === 0) next.columns = rowsOf(draft, models);
  return changed(draft, next, models);
}

/** Sorts by a column first, and by what was sorted by before after it. */
export function sortBy(draft: Draft, models: Models, by: string, descending: boolean): Draft {
  const rest = (draft.tree.sort ?? []).filter((one) => one.by !== by);
  return changed(
    draft,
    { ...draft.tree, sort: [{ by, ...(descending ? { descending } : {}) }, ...rest] },
    models,
  );
}

/** The columns of rows as they are: those of the model, as many as a question takes. */
function rowsOf(draft: Draft, models: Models): string[] {
  return (models.get(draft.tree.model)?.columns ?? []).slice(0, 100).map((column) => column.name);
}

/** Whether rows are shown as they are. */
export function isRows(tree: QuestionTree): boolean {
  return (tree.breakouts ?? []).length + (tree.aggregations ?? []).length === 0;
}

type Kind = Chart["kind"];

/** The kinds of chart that fit a tree, the best one first. */
export function kindsFor(tree: QuestionTree, fields: readonly Field[]): Kind[] {
  const { breakouts = [], aggregations = [] } = tree;
  const [first, second] = breakouts;
  if (!first) return aggregations.length > 0 ? ["number", "table"] : ["table"];
  if (aggregations.length === 0 || second) return ["table"];
  const field = fields.find((one) => one.name === first.column);
  const along = first.bin !== undefined || (isTime(field?.type) && !(first.unit ?? "").includes("_of_"));
  const kinds: Kind[] = along ? ["line", "bar", "row", "table"] : ["bar", "row", "line", "table"];
  return aggregations.length > 1 ? [...kinds.slice(0, -1), "scatter", "table"] : kinds;
}

/** How a tree is drawn: in the wanted kind where that fits. */
function chartFor({ tree, chart }: Draft, models: Models, wanted: Kind | undefined): Chart {
  const kinds = kindsFor(tree, fieldsOf(tree, models));
  const kind = wanted && kinds.includes(wanted) ? wanted : (kinds[0] ?? "table");
  return drawnAs(tree, chart, kind);
}

/** A chart of a kind that fits the tree. */
export function drawnAs(tree: QuestionTree, chart: Chart, kind: Kind): Chart {
  const [x] = (tree.breakouts ?? []).map((one) => one.as ?? one.column);
  const measures = (tree.aggregations ?? []).map((one) => one.as);
  const kept = (chart.y ?? []).filter((name) => measures.includes(name));
  const added = measures.filter((name) => !kept.includes(name));
  const y = [...kept, ...added].slice(0, kind === "number" ? 1 : 8);
  if (kind === "table") return { kind };
  if (kind === "number") return { kind, y, ...(chart.better ? { better: chart.better } : {}) };
  if (kind === "scatter") {
    const [across, up] = y;
    return { kind, ...(across ? { x: across } : {}), y: up ? [up] : [], ...(x ? { label: x } : {}) };
  }
  return { kind, ...(x ? { x } : {}), y };
}

/** The kinds in which a result can be drawn whose tree isn't known. */
export function kindsOfResult(chart: Chart): Kind[] {
  if (chart.kind === "bar" || chart.kind === "row" || chart.kind === "line")
    return ["bar", "row", "line", "table"];
  return chart.kind === "table" ? ["table"] : [chart.kind, "table"];
}

const spans = new Set(["minute", "hour", "day", "week", "month", "quarter", "year"]);

/** Whether the rows behind a mark can be asked for. */
export function canSeeRows(tree: QuestionTree): boolean {
  const { breakouts = [] } = tree;
  return breakouts.length > 0 && breakouts.every(({ unit }) => unit === undefined || spans.has(unit));
}

/** The rows behind one row of the result: its groups' values become filters. */
export function rowsBehind(draft: Draft, models: Models, result: Result, row: number): Draft | undefined {
  const { tree } = draft;
  const filters: Filter[] = [...(tree.filters ?? [])];
  for (const breakout of tree.breakouts ?? []) {
    const place = result.columns.findIndex((column) => column.name === (breakout.as ?? breakout.column));
    const value = result.values[place]?.[row];
    if (place < 0 || value === undefined) return undefined;
    const found = within(breakout, value, result.columns[place]?.type);
    if (!found) return undefined;
    filters.push(...found);
  }
  const rows: QuestionTree = { model: tree.model, filters, columns: rowsOf(draft, models) };
  if (tree.joins) rows.joins = tree.joins;
  return changed({ ...draft, columns: {} }, rows, models);
}

function within(
  { column, unit, bin }: Breakout,
  value: unknown,
  type: Column["type"] | undefined,
): Filter[] | undefined {
  if (value === null) return [{ column, op: "is_null" }];
  if (bin) {
    const from = Number(value);
    return Number.isFinite(from)
      ? [
          { column, op: ">=", value: from },
          { column, op: "<", value: from + bin.width },
        ]
      : undefined;
  }
  if (unit === undefined) {
    const same = isNumber(type) ? exactly(value) : value;
    return same === undefined ? undefined : [{ column, op: "=", value: same }];
  }
  const from = typeof value === "string" ? value : "";
  const until = after(from, unit);
  return until === undefined
    ? undefined
    : [
        { column, op: ">=", value: from },
        { column, op: "<", value: until },
      ];
}

/** Where the span ends that begins at a day (`2001-01-31`) or a time (`2001-01-31T09:30:00`). */
function after(from: string, unit: Unit): string | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?$/.test(from)) return undefined;
  const at = new Date(`${from.length === 10 ? `${from}T00:00:00` : from}Z`);
  if (Number.isNaN(at.getTime())) return undefined;
  if (unit === "minute") at.setUTCMinutes(at.getUTCMinutes() + 1);
  else if (unit === "hour") at.setUTCHours(at.getUTCHours() + 1);
  else if (unit === "day") at.setUTCDate(at.getUTCDate() + 1);
  else if (unit === "week") at.setUTCDate(at.getUTCDate() + 7);
  else if (unit === "month") at.setUTCMonth(at.getUTCMonth() + 1);
  else if (unit === "quarter") at.setUTCMonth(at.getUTCMonth() + 3);
  else at.setUTCFullYear(at.getUTCFullYear() + 1);
  return at.toISOString().slice(0, from.length);
}
