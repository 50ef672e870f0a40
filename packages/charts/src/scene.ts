import type { Formats } from "./format.js";
import type { Measure } from "./measure.js";
import type { Node } from "./node.js";
import type { Chart, Result } from "./types.js";
import { drawn, type Field } from "./data.js";
import { node } from "./node.js";
import { words } from "./words.js";
import { barScene } from "./kinds/bar.js";
import { lineScene } from "./kinds/line.js";
import { numberScene } from "./kinds/number.js";
import { rowScene } from "./kinds/row.js";
import { scatterScene } from "./kinds/scatter.js";
import { tableScene } from "./kinds/table.js";

/** Everything that a drawing depends on; a scene is a pure function of it. */
export interface SceneOptions {
  chart: Chart;
  result: Result;
  title: string;
  formats: Formats;
  measure: Measure;
  /** CSS pixels. */
  width: number;
  height: number;
}

/** SceneOptions with the columns found. */
export interface Drawing extends SceneOptions {
  x: Field | undefined;
  ys: readonly [Field, ...Field[]];
}

/** What is said of a point when it is hovered or focused. */
export interface Tip {
  heading: string;
  lines: { label: string; value: string; series?: number }[];
}

/** A chart as a tree of nodes, with what a pointer or a keyboard can reach in it. */
export interface Scene {
  body: Node;
  /** Anchors in drawing coordinates; the mark of point i carries `data-oriel-point="i"`, and
   * `data-oriel-row`, where that is not i, with the row of the result. */
  points: readonly { x: number; y: number }[];
  tip(point: number): Tip;
  /** The point that a pointer at these coordinates means, -1 for none. */
  nearest(x: number, y: number): number;
  /** Rows of a long table beyond those in the body. */
  rows?(from: number, to: number): Node[];
}

/** Draws a chart. */
export function scene(options: SceneOptions): Scene {
  const { chart, result } = options;
  if (result.row_count === 0 || result.columns.length === 0) return message(words.empty);
  if (chart.kind === "table") return tableScene(options);
  const found = drawn(chart, result);
  if (found.missing !== undefined) return message(words.missingColumn(found.missing));
  const [first, ...rest] = found.ys;
  if (!first) return message(words.empty);
  const drawing: Drawing = { ...options, x: found.x, ys: [first, ...rest] };
  if (chart.kind === "number") return numberScene(drawing);
  const kinds = { bar: barScene, row: rowScene, line: lineScene, scatter: scatterScene };
  return kinds[chart.kind](drawing) ?? message(words.empty);
}

/** A scene of one calm sentence. */
function message(text: string): Scene {
  return still(node("div", { class: "oriel-empty" }, [text]));
}

/** A scene without points. */
export function still(body: Node): Scene {
  return { body, points: [], tip: () => ({ heading: "", lines: [] }), nearest: () => -1 };
}

/** A tip in one line, for screen readers. */
export function spoken(tip: Tip): string {
  const lines = tip.lines.map((line) => `${line.label} ${line.value}`).join(", ");
  return tip.heading ? `${tip.heading}: ${lines}` : lines;
}
