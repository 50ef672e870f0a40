import { scaleBand } from "d3-scale";
import { ends, type Tick } from "../axis.js";
import { extremes, heading, names, valueLines } from "../category.js";
import { isTime, toNumber, type Field } from "../data.js";
import { fit } from "../measure.js";
import { node, type Node } from "../node.js";
import { below, drawing, mark, plane, series } from "../plane.js";
import { spoken, type Drawing, type Scene, type Tip } from "../scene.js";
import { bar } from "../shape.js";

/** Upright bars over categories, with negative values below the zero line; several y's stand side by side. */
export function barScene(d: Drawing): Scene | null {
  const { formats, measure, result, ys, x } = d;
  const values = ys.map((y) => y.cells.map(toNumber));
  const all = values.flat().filter((value) => value !== null);
  if (all.length === 0) return null;

  const numeric = x !== undefined && toNumber(x.cells[0]) !== null && x.column.type.startsWith("integer");
  const p = plane(d, ends(all, false), numeric ? x.column.label : undefined);
  const name = names(formats, x, result.row_count);
  const slots = slotsOf(x, name);
  const band = scaleBand<number>(slots.names.keys(), [p.left, p.right]).paddingInner(0.28).paddingOuter(0.14);
  const group = Math.min(band.bandwidth(), 56 * ys.length);
  const thickness = group / ys.length;
  const zero = p.y.at(0);

  const centre = (slot: number) => (band(slot) ?? 0) + band.bandwidth() / 2;
  const tip = (row: number): Tip => ({
    heading: heading(x, name[row] ?? ""),
    lines: valueLines(formats, ys, row),
  });

  const points: { x: number; y: number }[] = [];
  const marks: Node[] = [];
  name.forEach((_, row) => {
    const middle = centre(slots.slotOf(row));
    const drawn = values.map((column) => column[row] ?? null);
    const tops = drawn.filter((value) => value !== null).map((value) => p.y.at(Math.max(0, value)));
    points.push({ x: middle, y: Math.min(zero, ...tops) });
    const bars = drawn.map((value, index) => {
      if (value === null) return null;
      const left = middle - group / 2 + index * thickness;
      const inset = ys.length > 1 ? 0.5 : 0;
      return node("path", {
        class: `oriel-bar ${series(index)}`,
        d: bar(left + inset, zero, thickness - 2 * inset, p.y.at(value)),
      });
    });
    const reach = {
      class: "oriel-band",
      x: middle - band.step() / 2,
      y: p.top,
      width: band.step(),
      height: p.bottom - p.top,
      rx: 3,
    };
    marks.push(
      node("g", mark(row, spoken(tip(row)), { class: "oriel-point" }), [node("rect", reach), ...bars]),
    );
  });

  const ticks = ticksOf(
    slots.names,
    centre,
    band.step(),
    numeric || (x !== undefined && isTime(x.column)),
    measure,
  );
  const summary = `${name.length} bars. ${ys.map((y, i) => extremes(formats, y, values[i] ?? [], (row) => tip(row).heading)).join(" ")}`;
  const body = drawing(d, d.height, summary, [...p.under, ...below(d, p, ticks), ...marks]);
  return {
    body,
    points,
    tip,
    nearest(px, py) {
      if (py < p.top - 8 || py > p.bottom + 24) return -1;
      return points.findIndex((point) => Math.abs(point.x - px) <= band.step() / 2);
    },
  };
}

interface Slots {
  names: string[];
  slotOf(row: number): number;
}

/**
 * The places along the axis: one for each row, and for ascending whole numbers (hours) also one for
 * each number that has no row, so that a quiet hour shows as a hole rather than vanish.
 */
function slotsOf(x: Field | undefined, name: string[]): Slots {
  const plain = { names: name, slotOf: (row: number) => row };
  if (!x?.column.type.startsWith("integer")) return plain;
  const numbers = x.cells.map(toNumber);
  const first = numbers[0] ?? null;
  const last = numbers.at(-1) ?? null;
  if (first === null || last === null) return plain;
  const ascending = numbers.every(
    (n, row) => n !== null && Number.isInteger(n) && (row === 0 || n > (numbers[row - 1] ?? n)),
  );
  const length = last - first + 1;
  if (!ascending || length > Math.max(31, 2 * name.length)) return plain;
  const filled = Array.from({ length }, (_, slot) => String(first + slot));
  numbers.forEach((n, row) => (filled[(n as number) - first] = name[row] ?? ""));
  return { names: filled, slotOf: (row) => (numbers[row] as number) - first };
}

/** Long names are cut to the width of their band, down to a width that still tells something. */
function ticksOf(
  all: string[],
  centre: (slot: number) => number,
  step: number,
  whole: boolean,
  measure: (text: string) => number,
): Tick[] {
  const room = Math.max(step - 8, 36);
  return all.map((text, slot) => ({ at: centre(slot), text: whole ? text : fit(text, room, measure) }));
}
