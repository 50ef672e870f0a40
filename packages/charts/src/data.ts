import type { Chart, Column, Result } from "./types.js";

/** A column with its cells. */
export interface Field {
  column: Column;
  cells: readonly unknown[];
}

/** Finds a result's column by name. */
export function field(result: Result, name: string | undefined): Field | undefined {
  const index = result.columns.findIndex((column) => column.name === name);
  const column = result.columns[index];
  return column && { column, cells: result.values[index] ?? [] };
}

/** What a chart draws: its x, its y's, or the name of a column that the result lacks. */
export type Drawn = { x: Field | undefined; ys: Field[]; missing?: undefined } | { missing: string };

/**
 * Resolves the columns that a chart names. Without y it draws every number column,
 * without x the first column that it doesn't draw.
 */
export function drawn(chart: Chart, result: Result): Drawn {
  const named = chart.y?.length
    ? chart.y
    : result.columns
        .filter((c) => isNumber(c) && c.name !== chart.x && !c.name.endsWith("_previous"))
        .map((c) => c.name);
  const ys: Field[] = [];
  for (const name of named) {
    const found = field(result, name);
    if (!found) return { missing: name };
    ys.push(found);
  }
  if (ys.length === 0) return { missing: "y" };
  const x = chart.x ?? result.columns.find((c) => !named.includes(c.name))?.name;
  const found = field(result, x);
  if (chart.x && !found) return { missing: chart.x };
  return { x: found, ys };
}

export function isNumber(column: Column): boolean {
  return ["integer", "integer64", "decimal", "number"].includes(column.type);
}

export function isTime(column: Column): boolean {
  return column.type === "date" || column.type === "timestamp";
}

/** The number in a cell; integer64 and decimal come as strings. Null when there is none. */
export function toNumber(cell: unknown): number | null {
  if (typeof cell === "string" ? cell.trim() === "" : typeof cell !== "number") return null;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
}

/**
 * The wall time in a cell, in milliseconds as if it were UTC, so that no time zone of a server or
 * a browser can shift it: it is only ever formatted with UTC. Null when there is none.
 */
export function toTime(cell: unknown): number | null {
  const parts =
    typeof cell === "string"
      ? /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?/.exec(cell)
      : null;
  if (!parts) return null;
  const time = Date.parse(`${parts[1]}T${parts[2] ?? "00:00"}Z`);
  return Number.isNaN(time) ? null : time;
}

/** A cell as it was received; nothing for null. */
export function written(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}

/** How fine a column of times is: dates that all begin a month are months, and so on. */
export type Grain = "year" | "month" | "day" | "minute";

export function grain(times: readonly number[]): Grain {
  const every = (test: (date: Date) => boolean) => times.every((time) => test(new Date(time)));
  if (!every((date) => date.getTime() % 86_400_000 === 0)) return "minute";
  if (times.length < 2 || !every((date) => date.getUTCDate() === 1)) return "day";
  return every((date) => date.getUTCMonth() === 0) ? "year" : "month";
}
