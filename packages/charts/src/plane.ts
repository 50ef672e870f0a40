import { linear, spread, type Scale, type Tick } from "./axis.js";
import { words } from "./words.js";
import { fit } from "./measure.js";
import { node, type Node } from "./node.js";
import type { Drawing } from "./scene.js";

/** The area of a chart with two axes, and what lies under its marks. */
export interface Plane {
  left: number;
  right: number;
  top: number;
  bottom: number;
  y: Scale;
  /** Titles, grid lines and labels of the value axis. */
  under: Node[];
}

const lineHeight = 16;

/** Lays out the area and draws the value axis. `xTitle` reserves its line below. */
export function plane(d: Drawing, [low, high]: [number, number], xTitle?: string): Plane {
  const { formats, measure, width, height } = d;
  const { column } = d.ys[0];
  const head = d.ys.length > 1 ? legend(d) : [title(d)];
  const rows = d.ys.length > 1 ? Math.max(...head.map((part) => Number(part.attributes["data-row"]))) + 1 : 1;
  const top = rows * lineHeight + 10;
  const bottom = Math.max(top + 24, height - lineHeight - 6 - (xTitle ? lineHeight : 0));
  const count = Math.max(2, Math.min(6, Math.floor((bottom - top) / 44)));
  const whole = d.ys.every((y) => y.column.type.startsWith("integer")) && column.format.style !== "percent";
  const y = linear(low, high, bottom, top, count, whole);
  const labels = formats.ticks(column, y.ticks);
  const left = Math.ceil(Math.max(...labels.map(measure)) + 8);
  const right = width - 4;
  const under = [...head];
  y.ticks.forEach((tick, index) => {
    const at = y.at(tick);
    const zero = tick === 0;
    under.push(
      node("line", {
        class: zero ? "oriel-zero" : "oriel-grid",
        x1: left,
        x2: right,
        y1: crisp(at),
        y2: crisp(at),
      }),
      node("text", { class: "oriel-tick", x: left - 8, y: at, dy: "0.35em", "text-anchor": "end" }, [
        labels[index] ?? "",
      ]),
    );
  });
  if (xTitle) {
    const text = fit(xTitle, right - left, measure);
    under.push(
      node("text", { class: "oriel-tick", x: (left + right) / 2, y: height - 5, "text-anchor": "middle" }, [
        text,
      ]),
    );
  }
  return { left, right, top, bottom, y, under };
}

/** Half pixels make a line of one pixel sharp. */
export function crisp(at: number): number {
  return Math.round(at - 0.5) + 0.5;
}

/** The labels of the horizontal axis, with small marks where a label may stand beside its tick. */
export function below(d: Drawing, p: Plane, ticks: readonly Tick[], marked = false): Node[] {
  return spread(ticks, 0, d.width, d.measure).flatMap(({ at, x, text }) => [
    ...(marked
      ? [node("line", { class: "oriel-zero", x1: crisp(at), x2: crisp(at), y1: p.bottom, y2: p.bottom + 4 })]
      : []),
    node("text", { class: "oriel-tick", x, y: p.bottom + lineHeight + 2, "text-anchor": "middle" }, [text]),
  ]);
}

function title(d: Drawing): Node {
  const text = fit(d.formats.axisTitle(d.ys[0].column), d.width, d.measure);
  return node("text", { class: "oriel-tick", x: 0, y: 11 }, [text]);
}

/** Names the series, in as many lines as the width asks. */
function legend(d: Drawing): Node[] {
  let x = 0;
  let row = 0;
  return d.ys.map(({ column }, index) => {
    const text = fit(d.formats.axisTitle(column), d.width - 14, d.measure);
    const width = 14 + d.measure(text) + 16;
    if (x > 0 && x + width - 16 > d.width) {
      x = 0;
      row += 1;
    }
    const y = row * lineHeight;
    const entry = node("g", { "data-row": row, class: series(index) }, [
      node("rect", { class: "oriel-swatch", x, y: y + 2, width: 9, height: 9, rx: 2 }),
      node("text", { class: "oriel-tick", x: x + 14, y: y + 11 }, [text]),
    ]);
    x += width;
    return entry;
  });
}

/** The class that colours the marks of a series; six colours, then again. */
export function series(index: number): string {
  return `oriel-series-${index % 6}`;
}

/** The drawing itself: named by the title, described by a summary, its points inside. */
export function drawing(d: Drawing, height: number, summary: string, children: readonly Node[]): Node {
  const note = d.chart.note ? ` ${d.chart.note}` : "";
  return node(
    "svg",
    {
      class: "oriel-svg",
      width: d.width,
      height,
      viewBox: `0 0 ${d.width} ${height}`,
      role: "graphics-document",
      "aria-roledescription": words.kinds[d.chart.kind],
      "aria-label": d.title,
    },
    [node("desc", {}, [summary + note]), ...children],
  );
}

/** Attributes of the mark that stands for a point: reachable by pointer, arrow keys and screen readers. */
export function mark(point: number, label: string | undefined, more: Record<string, string | number> = {}) {
  return {
    ...more,
    "data-oriel-point": point,
    ...(label === undefined
      ? {}
      : { role: "graphics-symbol", "aria-label": label, tabindex: point === 0 ? 0 : -1 }),
  };
}
