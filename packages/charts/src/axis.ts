import { nice, ticks } from "d3-array";
import { utcTicks } from "d3-time";
import type { Formats } from "./format.js";
import type { Measure } from "./measure.js";
import type { Grain } from "./data.js";

/** Maps values to pixels. */
export interface Scale {
  at: (value: number) => number;
  ticks: number[];
}

/** A tick with its label, at a place in pixels. */
export interface Tick {
  at: number;
  text: string;
}

const day = 86_400_000;

/**
 * A linear scale with round ends and about `count` ticks. A domain of one value is widened, so that
 * it can be drawn; whole numbers get whole ticks.
 */
export function linear(
  low: number,
  high: number,
  from: number,
  to: number,
  count: number,
  whole = false,
): Scale {
  if (low === high) {
    low = Math.min(low, 0);
    high = Math.max(high, 0);
    if (low === high) high = 1;
  }
  [low, high] = nice(low, high, count);
  const every = ticks(low, high, count);
  return { at: straight(low, high, from, to), ticks: whole ? every.filter(Number.isInteger) : every };
}

/** The map of a domain to pixels, without ticks and without rounding. */
export function straight(low: number, high: number, from: number, to: number): (value: number) => number {
  const span = high - low;
  return span === 0 ? () => (from + to) / 2 : (value) => from + ((value - low) / span) * (to - from);
}

/**
 * The ends of a value axis. Zero belongs to it, so that lengths and heights can be compared, unless
 * `loose` and the values keep so far from zero that nothing could be seen.
 */
export function ends(values: readonly number[], loose: boolean): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const far = low > 0 ? low > 0.75 * high : high < 0 && high < 0.75 * low;
  return loose && far && low !== high ? [low, high] : [Math.min(0, low), Math.max(0, high)];
}

/** Ticks of a time axis, none finer than the column's grain. */
export function timeTicks(
  formats: Formats,
  low: number,
  high: number,
  count: number,
  grain: Grain,
): { time: number; text: string }[] {
  const found = utcTicks(new Date(low), new Date(high), Math.max(1, count)).filter(
    (date) =>
      grain === "minute" ||
      (date.getTime() % day === 0 &&
        (grain === "day" || date.getUTCDate() === 1) &&
        (grain !== "year" || date.getUTCMonth() === 0)),
  );
  const step = found[0] && found[1] ? found[1].getTime() - found[0].getTime() : high - low;
  return found.map((date, index) => ({
    time: date.getTime(),
    text: formats.date(date.getTime(), tickOptions(date, step, index === 0)),
  }));
}

function tickOptions(date: Date, step: number, first: boolean): Intl.DateTimeFormatOptions {
  if (step >= 360 * day) return { year: "numeric" };
  if (step >= 27 * day)
    return first || date.getUTCMonth() === 0 ? { month: "short", year: "numeric" } : { month: "short" };
  if (step >= day || date.getTime() % day === 0) return { month: "short", day: "numeric" };
  return step % 3_600_000 === 0 ? { hour: "numeric" } : { hour: "numeric", minute: "2-digit" };
}

/** A tick whose label has its place `x`: centred on the tick, but inside the drawing. */
export interface Placed extends Tick {
  x: number;
}

const strides = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512, 1024, 2048];
const gap = 8;

/** Keeps every tick, or every second, third … until no label touches its neighbour. Labels are never turned. */
export function spread(all: readonly Tick[], left: number, right: number, measure: Measure): Placed[] {
  const widths = all.map((tick) => measure(tick.text));
  for (const stride of strides) {
    const placed: Placed[] = [];
    let edge = -Infinity;
    let clear = true;
    for (let index = 0; index < all.length && clear; index += stride) {
      const tick = all[index];
      const half = (widths[index] ?? 0) / 2;
      if (!tick) break;
      const x = Math.max(left + half, Math.min(right - half, tick.at));
      clear = x - half >= edge + gap;
      edge = x + half;
      placed.push({ ...tick, x });
    }
    if (clear) return placed;
  }
  return [];
}
