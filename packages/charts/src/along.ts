import { linear, straight, timeTicks, type Tick } from "./axis.js";
import { heading, names, naming } from "./category.js";
import { grain, isNumber, isTime, toNumber, toTime } from "./data.js";
import type { Drawing } from "./scene.js";
import { words } from "./words.js";

/** A horizontal axis of times, numbers or, for want of both, places in a row. */
export interface Along {
  /** Where each row stands; null where its cell is null. */
  values: (number | null)[];
  at: (value: number) => number;
  ticks: Tick[];
  /** The row's place in words. */
  name: (row: number) => string;
}

/** Lays the x column out between two edges. `round` gives a number axis round ends. */
export function along(d: Drawing, left: number, right: number, round = false): Along {
  const { x, formats } = d;
  if (x && isTime(x.column)) {
    const values = x.cells.map(toTime);
    const known = values.filter((value) => value !== null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const fine = grain(known);
    const at = straight(low, high, left, right);
    const count = Math.min(known.length, Math.max(2, Math.floor((right - left) / 84)));
    return {
      values,
      at,
      ticks:
        known.length === 0
          ? []
          : timeTicks(formats, low, high, count, fine).map(({ time, text }) => ({ at: at(time), text })),
      name(row) {
        const time = values[row] ?? null;
        return time === null
          ? words.noValue
          : formats.time(time, fine, fine === "day" ? { weekday: "short" } : {});
      },
    };
  }
  if (x && isNumber(x.column)) {
    const values = x.cells.map(toNumber);
    const known = values.filter((value) => value !== null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const whole = x.column.type.startsWith("integer");
    const count = Math.max(2, Math.min(10, Math.floor((right - left) / 72)));
    const scale = linear(low, high, left, right, count, whole);
    const at = round || low === high ? scale.at : straight(low, high, left, right);
    const ticks =
      known.length === 0
        ? []
        : scale.ticks.filter((tick) => round || low === high || (tick >= low && tick <= high));
    const texts = formats.ticks(x.column, ticks);
    const name = naming(formats, x);
    return {
      values,
      at,
      ticks: ticks.map((tick, index) => ({ at: at(tick), text: texts[index] ?? "" })),
      name: (row) => heading(x, name(row)),
    };
  }
  const name = names(formats, x, d.result.row_count);
  const at = straight(0, name.length - 1, left, right);
  return {
    values: name.map((_, row) => row),
    at,
    ticks: name.map((text, row) => ({ at: at(row), text })),
    name: (row) => name[row] ?? "",
  };
}
