import type { Formats } from "./format.js";
import { node, type Node } from "./node.js";
import { twin } from "./twin.js";
import type { ChartOptions } from "./types.js";
import { words } from "./words.js";

/** What is around a drawing: its view, the tip, a note when rows were left out. The view is filled with `inside`, the plot with `after`. */
export function frame(
  options: ChartOptions,
  formats: Formats,
  inside: Node[] = [],
  after: Node[] = [],
): Node {
  const { chart, result, title, theme, showData } = options;
  const note = result.truncated
    ? node("div", { class: "oriel-note" }, [words.truncated(formats.plain(result.row_count))])
    : null;
  const named = { role: "figure", "aria-label": title };
  const kind = { "data-oriel-kind": chart.kind, "data-oriel-theme": theme };
  return node("div", { class: "oriel-chart", ...named, ...kind }, [
    node("div", { class: "oriel-plot" }, [
      node("div", { class: "oriel-view", ...(showData ? { hidden: "" } : scrolls(options)) }, inside),
      node("div", { class: "oriel-tip", "aria-hidden": "true", hidden: "" }),
      ...after,
    ]),
    note,
  ]);
}

/** A long table scrolls, so the keyboard must reach it. */
function scrolls({ chart, title }: ChartOptions): Record<string, string | number> {
  return chart.kind === "table" ? { role: "region", "aria-label": words.rows(title), tabindex: 0 } : {};
}

/**
 * The twin in its place. It is hidden from eyes only, until it is asked for; where the chart is
 * itself a table, screen readers get that one.
 */
export function twinPart({ chart, result, title, showData }: ChartOptions): Node {
  const attributes = showData
    ? { class: "oriel-twin", role: "region", "aria-label": words.rows(title), tabindex: 0 }
    : { class: "oriel-twin oriel-hidden", ...(chart.kind === "table" ? { "aria-hidden": "true" } : {}) };
  return node("div", attributes, [twin(result, title)]);
}
