import { scaleBand } from "d3-scale";
import { ends, straight } from "../axis.js";
import { extremes, names, valueLines } from "../category.js";
import { toNumber } from "../data.js";
import { fit } from "../measure.js";
import { node, type Node } from "../node.js";
import { crisp, drawing, mark } from "../plane.js";
import { spoken, type Drawing, type Scene, type Tip } from "../scene.js";
import { lyingBar } from "../shape.js";
import { words } from "../words.js";

const gap = 14;
/** Between the bars' values and the first column of text, which must not read as one. */
const textGap = 24;
const headHeight = 22;
/** What the longest bar needs; columns of text and names give way to it. */
const leastBars = 52;
const leastRow = 20;
const mostRow = 38;

/** Lying bars of the first y, names on the left, values at the bars' ends; further y's are columns of text on the right. */
export function rowScene(d: Drawing): Scene | null {
  const { formats, measure, result, ys, width } = d;
  const [y, ...others] = ys;
  const values = y.cells.map(toNumber);
  const all = values.filter((value) => value !== null);
  if (all.length === 0) return null;

  const name = names(formats, d.x, result.row_count);
  const texts = y.cells.map((cell) => formats.cell(y.column, cell) || words.noValue);
  const [low, high] = ends(all, false);
  const widest = (negative: boolean) =>
    Math.max(0, ...texts.filter((_, row) => (values[row] ?? 0) < 0 === negative).map(measure));
  const before = low < 0 ? widest(true) + 6 : 0;
  const behind = high > 0 || low === 0 ? widest(false) + 6 : 0;

  // Names have what they need up to a part of the width, and give way before the bars become too short.
  const most = Math.min(width * 0.42, 220, width - gap - before - behind - leastBars);
  const labelWidth = Math.min(Math.max(...name.map(measure)), Math.max(most, 40));
  const barsLeft = Math.ceil(labelWidth + gap);
  const columns = textColumns(d, others, width - barsLeft - before - behind - leastBars);
  const barsRight = columns.reduce(
    (edge, column) => edge - column.width - gap,
    width - 2 - (columns.length > 0 ? textGap - gap : 0),
  );
  const from = barsLeft + before;
  const to = Math.max(from + 8, barsRight - behind);
  const at = straight(low, high === low ? low + 1 : high, from, to);

  const top = columns.length > 0 ? headHeight : 0;
  const step = Math.max(leastRow, Math.min(mostRow, (d.height - top) / name.length));
  const band = scaleBand<number>(name.keys(), [top, top + step * name.length]);
  const thickness = Math.min(18, step * 0.64);
  const zero = at(0);
  const middle = (row: number) => (band(row) ?? 0) + step / 2;
  const tip = (row: number): Tip => ({
    heading: name[row] ?? "",
    lines: valueLines(formats, ys, row).map(({ label, value }) => ({ label, value })),
  });

  const points: { x: number; y: number }[] = [];
  const marks = name.map((label, row) => {
    const value = values[row] ?? null;
    const end = value === null ? zero : at(value);
    const centre = middle(row);
    points.push({ x: Math.max(zero, end), y: centre });
    const text = (content: string, attributes: Record<string, string | number>) =>
      node("text", { y: centre, dy: "0.35em", ...attributes }, [content]);
    const short = fit(label, labelWidth, measure);
    const beside = end < zero ? { x: end - 6, "text-anchor": "end" } : { x: end + 6 };
    return node("g", mark(row, spoken(tip(row)), { class: "oriel-point" }), [
      node("rect", { class: "oriel-band", x: 0, y: centre - step / 2, width, height: step, rx: 3 }),
      node(
        "text",
        { class: "oriel-label", x: 0, y: centre, dy: "0.35em" },
        short === label ? [label] : [short, node("title", {}, [label])],
      ),
      value === null
        ? null
        : node("path", {
            class: "oriel-bar oriel-series-0",
            d: lyingBar(zero, centre - thickness / 2, end, thickness),
          }),
      text(texts[row] ?? "", { class: "oriel-value", ...beside }),
      ...columns.map((column) =>
        text(column.texts[row] ?? "", {
          class: "oriel-value oriel-muted",
          x: column.right,
          "text-anchor": "end",
        }),
      ),
    ]);
  });

  const height = Math.max(d.height, Math.ceil(top + step * name.length));
  const baseline = node("line", {
    class: "oriel-zero",
    x1: crisp(zero),
    x2: crisp(zero),
    y1: top,
    y2: top + step * name.length,
  });
  const summary = `${name.length} rows. ${extremes(formats, y, values, (row) => name[row] ?? "")}`;
  return {
    body: drawing(d, height, summary, [...heads(d, columns, barsLeft, barsRight), ...marks, baseline]),
    points,
    tip,
    nearest: (_, py) => points.findIndex((point) => Math.abs(point.y - py) <= step / 2),
  };
}

interface TextColumn {
  title: string;
  texts: string[];
  width: number;
  /** The edge to which its texts are aligned. */
  right: number;
}

/** The columns of text that fit; the others are in the tip and in the data. */
function textColumns(d: Drawing, others: Drawing["ys"][number][], room: number): TextColumn[] {
  const fitting: TextColumn[] = [];
  for (const { column, cells } of others) {
    const texts = cells.map((cell) => d.formats.cell(column, cell) || words.noValue);
    const content = Math.max(...texts.map(d.measure));
    const title = fit(column.label, Math.max(content, 84), d.measure);
    const width = Math.ceil(Math.max(content, d.measure(title)));
    room -= width + gap;
    if (room < 0) break;
    fitting.push({ title, texts, width, right: 0 });
  }
  let right = d.width - 2;
  for (const column of [...fitting].reverse()) {
    column.right = right;
    right -= column.width + gap;
  }
  return fitting;
}

/** Small heads, needed only where there is more than one figure to a row. */
function heads(d: Drawing, columns: readonly TextColumn[], barsLeft: number, barsRight: number): Node[] {
  if (columns.length === 0) return [];
  const title = fit(d.ys[0].column.label, barsRight - barsLeft, d.measure);
  return [
    node("text", { class: "oriel-tick", x: barsLeft, y: 11 }, [title]),
    ...columns.map((column) =>
      node("text", { class: "oriel-tick", x: column.right, y: 11, "text-anchor": "end" }, [column.title]),
    ),
  ];
}
