import { ends } from "../axis.js";
import { extremes } from "../category.js";
import { field, toNumber } from "../data.js";
import { node, type Node } from "../node.js";
import { below, crisp, drawing, mark, plane } from "../plane.js";
import { spoken, type Drawing, type Scene, type Tip } from "../scene.js";
import { along } from "../along.js";
import { words } from "../words.js";

/** Above so many dots only the one that has the focus is told to screen readers; the table of the data has them all. */
const spokenDots = 400;
/** How far from a dot the pointer may be, in pixels. */
const reach = 24;

/** One dot for each row; dots that lie over each other show darker. */
export function scatterScene(d: Drawing): Scene | null {
  const { formats, ys, x, chart, result } = d;
  const [y] = ys;
  const values = y.cells.map(toNumber);
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;

  const p = plane(d, ends(known, true), x && formats.axisTitle(x.column));
  const axis = along(d, p.left + 6, p.right - 6, true);
  const rows = values.flatMap((value, row) =>
    value !== null && typeof axis.values[row] === "number" ? [row] : [],
  );
  if (rows.length === 0) return null;
  rows.sort(
    (a, b) =>
      (axis.values[a] as number) - (axis.values[b] as number) ||
      (values[a] as number) - (values[b] as number),
  );
  const points = rows.map((row) => ({
    x: axis.at(axis.values[row] as number),
    y: p.y.at(values[row] as number),
  }));

  const label = field(result, chart.label);
  const tip = (place: number): Tip => {
    const row = rows[place] ?? 0;
    const own = label ? formats.cell(label.column, label.cells[row]) || words.noValue : "";
    const across = x ? [{ label: x.column.label, value: formats.cell(x.column, x.cells[row]) }] : [];
    return {
      heading: own,
      lines: [...across, { label: y.column.label, value: formats.cell(y.column, y.cells[row]) }],
    };
  };

  const few = points.length <= spokenDots;
  const radius = points.length > 800 ? 2.75 : points.length > 200 ? 3.25 : 4;
  const marks = points.map(({ x: cx, y: cy }, place) =>
    node(
      "circle",
      mark(place, few || place === 0 ? spoken(tip(place)) : undefined, {
        class: "oriel-scatter",
        "data-oriel-row": rows[place] ?? place,
        cx,
        cy,
        r: radius,
      }),
    ),
  );
  const upright: Node[] = axis.ticks.map((tick) =>
    node("line", { class: "oriel-grid", x1: crisp(tick.at), x2: crisp(tick.at), y1: p.top, y2: p.bottom }),
  );
  const range = x
    ? extremes(formats, x, x.cells.map(toNumber), (row) =>
        label ? formats.cell(label.column, label.cells[row]) : axis.name(row),
      )
    : "";
  const summary = `${points.length} dots. ${range} ${extremes(formats, y, values, (row) => (label ? formats.cell(label.column, label.cells[row]) : axis.name(row)))}`;
  return {
    body: drawing(d, d.height, summary, [...upright, ...p.under, ...below(d, p, axis.ticks), ...marks]),
    points,
    tip,
    nearest(px, py) {
      let best = -1;
      let distance = reach * reach;
      points.forEach((point, place) => {
        const found = (point.x - px) ** 2 + (point.y - py) ** 2;
        if (found < distance) [best, distance] = [place, found];
      });
      return best;
    },
  };
}
