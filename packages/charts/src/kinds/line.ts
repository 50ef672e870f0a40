import { line } from "d3-shape";
import { ends } from "../axis.js";
import { extremes, valueLines } from "../category.js";
import { isTime, toNumber } from "../data.js";
import { node, type Node } from "../node.js";
import { below, drawing, mark, plane, series } from "../plane.js";
import { spoken, type Drawing, type Scene, type Tip } from "../scene.js";
import { along } from "../along.js";
import type { Chart } from "../types.js";

/** By place, the ends of what is left out before it. */
type Holes = Map<number, readonly number[]>;

interface Dot {
  /** Which point it is; -1 for a break between two. */
  place: number;
  x: number;
  y: number | null;
}

/**
 * Lines over time or numbers. A null is a gap; a step without a row is 0 or a gap, as the chart says. Without
 * a word of it, what a regular series leaves out is a gap.
 */
export function lineScene(d: Drawing): Scene | null {
  const { formats, ys, result } = d;
  const values = ys.map((y) => y.cells.map(toNumber));
  const all = values.flat().filter((value) => value !== null);
  if (all.length === 0) return null;

  const p = plane(d, ends(all, true));
  const axis = along(d, p.left + 2, p.right - 4);
  const rows = [...Array(result.row_count).keys()].filter((row) => axis.values[row] !== null);
  rows.sort((a, b) => (axis.values[a] as number) - (axis.values[b] as number));
  if (rows.length === 0) return null;
  const times = rows.map((row) => axis.values[row] as number);
  const stepped = d.chart.step !== undefined && d.x !== undefined && isTime(d.x.column);
  const holes = stepped ? leftOut(times, d.chart.step) : breaks(times);
  const xs = rows.map((row) => axis.at(axis.values[row] as number));

  const draw = line<Dot>(
    (dot) => dot.x,
    (dot) => dot.y ?? 0,
  ).defined((dot) => dot.y !== null);
  const lines: Node[] = [];
  const lone = new Set<string>();
  values.forEach((column, index) => {
    const dots: Dot[] = [];
    rows.forEach((row, place) => {
      const hole = holes.get(place);
      if (hole && d.chart.missing === "zero") {
        // Between two zeros at the hole's ends the line runs along zero.
        for (const time of hole) dots.push({ place: -1, x: axis.at(time), y: p.y.at(0) });
      } else if (hole) {
        dots.push({ place: -1, x: 0, y: null });
      }
      const value = column[row] ?? null;
      dots.push({ place, x: xs[place] ?? 0, y: value === null ? null : p.y.at(value) });
    });
    dots.forEach((dot, i) => {
      const before = dots[i - 1]?.y ?? null;
      const after = dots[i + 1]?.y ?? null;
      if (dot.y !== null && before === null && after === null) lone.add(`${index}/${dot.place}`);
    });
    lines.push(node("path", { class: `oriel-line ${series(index)}`, d: draw(dots) ?? "" }));
  });

  const tip = (place: number): Tip => {
    const row = rows[place] ?? 0;
    return { heading: axis.name(row), lines: valueLines(formats, ys, row) };
  };
  const points: { x: number; y: number }[] = [];
  const marks = rows.map((row, place) => {
    const x = xs[place] ?? 0;
    const heights = values.map((column) =>
      column[row] === null || column[row] === undefined ? null : p.y.at(column[row]),
    );
    points.push({ x, y: Math.min(p.bottom, ...heights.filter((height) => height !== null)) });
    const dots = heights.map((y, index) =>
      y === null
        ? null
        : node("circle", {
            class: `oriel-dot ${series(index)}${lone.has(`${index}/${place}`) ? " oriel-lone" : ""}`,
            cx: x,
            cy: y,
            r: 3.5,
          }),
    );
    return node("g", mark(place, spoken(tip(place)), { class: "oriel-point", "data-oriel-row": row }), dots);
  });

  const crosshair = node("line", { class: "oriel-crosshair", y1: p.top, y2: p.bottom, x1: 0, x2: 0 });
  const name = (place: number) => axis.name(rows[place] ?? 0);
  const summary = [
    `${rows.length} points from ${name(0)} to ${name(rows.length - 1)}.`,
    ...ys.map((y, index) => extremes(formats, y, values[index] ?? [], axis.name)),
  ].join(" ");
  return {
    body: drawing(d, d.height, summary, [
      ...p.under,
      ...below(d, p, axis.ticks, true),
      crosshair,
      ...lines,
      ...marks,
    ]),
    points,
    tip,
    nearest(px) {
      if (px < p.left - 12) return -1;
      let best = 0;
      points.forEach((point, place) => {
        if (Math.abs(point.x - px) < Math.abs((points[best]?.x ?? 0) - px)) best = place;
      });
      return best;
    },
  };
}

/**
 * The places before which a regular series leaves steps out. Most steps must be about the median
 * step; of a series of events nothing can be missing.
 */
function breaks(xs: readonly number[]): Holes {
  const steps = xs.slice(1).map((x, index) => x - (xs[index] ?? 0));
  const median = [...steps].sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  const regular =
    steps.filter((step) => Math.abs(step - median) <= 0.15 * median).length >= 0.7 * steps.length;
  const found: Holes = new Map();
  if (regular && median > 0) steps.forEach((step, index) => step > 1.5 * median && found.set(index + 1, []));
  return found;
}

/** The places before which steps are without a row, with the first and the last such step. */
function leftOut(times: readonly number[], step: Chart["step"]): Holes {
  const next = (time: number, steps: number) => {
    if (step === "minute" || step === "hour") return time + steps * (step === "minute" ? 60_000 : 3_600_000);
    const date = new Date(time);
    if (step === "day" || step === "week")
      date.setUTCDate(date.getUTCDate() + steps * (step === "day" ? 1 : 7));
    else date.setUTCMonth(date.getUTCMonth() + steps * (step === "month" ? 1 : step === "quarter" ? 3 : 12));
    return date.getTime();
  };
  const found: Holes = new Map();
  times.forEach((time, place) => {
    const before = times[place - 1];
    if (before === undefined) return;
    const [first, last] = [next(before, 1), next(time, -1)];
    if (first < time) found.set(place, [first, last]);
  });
  return found;
}
