import type { Parameter } from "@oriel/core";
import { words } from "../words.js";
import { called, isTime, type Aggregation, type Breakout, type Field, type Filter } from "./tree.js";

/** What people read of a filter. */
export function filterSaid(
  filter: Filter,
  fields: readonly Field[],
  parameters: readonly Parameter[],
): string {
  const field = fields.find((one) => one.name === filter.column);
  const what = nameOf(filter.column, field);
  if (filter.parameter !== undefined) {
    const parameter = parameters.find((one) => one.name === filter.parameter);
    return `${what}: ${words.fromRun(parameter?.label ?? filter.parameter)}`;
  }
  const operator =
    (isTime(field?.type) ? words.dayOperators[filter.op] : undefined) ?? words.operators[filter.op];
  return filter.value === undefined
    ? `${what} ${operator}`
    : `${what} ${operator} ${valueSaid(filter.value)}`;
}

function valueSaid(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueSaid).join(", ");
  if (typeof value === "boolean") return value ? words.yes : words.no;
  return typeof value === "string" ? value.replace("T00:00:00", "").replace("T", " ") : String(value);
}

export function breakoutSaid({ column, unit, bin }: Breakout, fields: readonly Field[]): string {
  const what = nameOf(
    column,
    fields.find((one) => one.name === column),
  );
  if (unit !== undefined) return `${what} (${words.units[unit]})`;
  return bin ? `${what} (${words.width.toLowerCase()} ${String(bin.width)})` : what;
}

export function aggregationSaid(one: Aggregation, fields: readonly Field[]): string {
  const name = words.functions[one.function];
  if (one.column === undefined) return name;
  const field = fields.find(({ name }) => name === one.column);
  return words.functionOf(name, nameOf(one.column, field));
}

function nameOf(column: string, field: Field | undefined): string {
  return field ? called(field) : column;
}
