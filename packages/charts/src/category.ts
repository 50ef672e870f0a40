import { grain, isTime, toNumber, toTime, type Field } from "./data.js";
import type { Formats } from "./format.js";
import type { Tip } from "./scene.js";
import { words } from "./words.js";

/**
 * Writes the cells of a column that names things, by row. Numbers among names (hours, years) are not
 * grouped; times are written as finely as the column is.
 */
export function naming(formats: Formats, x: Field | undefined): (row: number) => string {
  if (!x) return (row) => formats.plain(row + 1);
  const { column, cells } = x;
  if (isTime(column)) {
    const times = cells.map(toTime);
    const fine = grain(times.filter((time) => time !== null));
    return (row) => {
      const time = times[row] ?? null;
      return time === null ? words.noValue : formats.time(time, fine);
    };
  }
  return (row) => {
    const cell = cells[row];
    if (!column.type.startsWith("integer") || toNumber(cell) === null)
      return formats.cell(column, cell) || words.noValue;
    return formats.number(column, cell as number | string, { useGrouping: false });
  };
}

/** The names of all rows. */
export function names(formats: Formats, x: Field | undefined, rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => row).map(naming(formats, x));
}

/** The values of a row for a tip. */
export function valueLines(formats: Formats, ys: readonly Field[], row: number): Tip["lines"] {
  return ys.map(({ column, cells }, index) => ({
    label: column.label,
    value: formats.cell(column, cells[row]) || words.noValue,
    ...(ys.length > 1 ? { series: index } : {}),
  }));
}

/** A name with its column's label before it when the name alone, a number, says little. */
export function heading(x: Field | undefined, name: string): string {
  return x && x.column.type.startsWith("integer") && x.column.format.style === undefined
    ? `${x.column.label} ${name}`
    : name;
}

/** The lowest and highest value of a series in words: "highest 23 at 18, lowest 2 at 5". */
export function extremes(
  formats: Formats,
  y: Field,
  values: readonly (number | null)[],
  name: (row: number) => string,
): string {
  let low = -1;
  let high = -1;
  values.forEach((value, row) => {
    if (value === null) return;
    if (low < 0 || value < (values[low] as number)) low = row;
    if (high < 0 || value > (values[high] as number)) high = row;
  });
  if (high < 0) return "";
  const say = (row: number) => `${formats.cell(y.column, y.cells[row])} (${name(row)})`;
  return `${y.column.label}: highest ${say(high)}, lowest ${say(low)}.`;
}
