import type { Formats } from "./format.js";
import { node, type Node } from "./node.js";
import { twin } from "./twin.js";
import type { ChartOptions } from "./types.js";
import { words } from "./words.js";

/** The whole of a chart: the view with the drawing (a page puts it in once it knows the size), the tip, the twin, and a note when rows were left out. */
export function frame(options: ChartOptions, formats: Formats, body?: Node): Node {
  const { chart, result, title, theme, showData } = options;
  const note = result.truncated
    ? node("div", { class: "oriel-note" }, [words.truncated(formats.plain(result.row_count))])
    : null;
  return node(
    "div",
    {
      class: "oriel-chart",
      role: "figure",
      "aria-label": title,
      "data-oriel-kind": chart.kind,
      "data-oriel-theme": theme,
    },
    [
      node("div", { class: "oriel-plot" }, [
        node(
          "div",
          { class: "oriel-view", ...(showData ? { hidden: "" } : scrolls(options)) },
          body ? [body] : [],
        ),
        node("div", { class: "oriel-tip", "aria-hidden": "true", hidden: "" }),
        node("div", twinAttributes(options), [twin(result, title)]),
      ]),
      note,
    ],
  );
}

/** A long table scrolls, so the keyboard must reach it. */
function scrolls({ chart, title }: ChartOptions): Record<string, string | number> {
  return chart.kind === "table" ? { role: "region", "aria-label": title, tabindex: 0 } : {};
}

/** Hidden from eyes only, until it is asked for; where the chart is itself a table, screen readers get that one. */
function twinAttributes({ chart, title, showData }: ChartOptions): Record<string, string | number> {
  if (showData) return { class: "oriel-twin", role: "region", "aria-label": title, tabindex: 0 };
  return { class: "oriel-twin oriel-hidden", ...(chart.kind === "table" ? { "aria-hidden": "true" } : {}) };
}
