import { Formats } from "../format.js";
import { estimate } from "../measure.js";
import type { Child, Node } from "../node.js";
import { scene, type Scene } from "../scene.js";
import type { Chart, Column, Format, Result } from "../types.js";

/** Makes a column. */
export function column(name: string, type: Column["type"], format: Format = {}, label = name): Column {
  return { name, label, type, format };
}

/** Makes a result from columns with their values. */
export function result(...columns: [Column, unknown[]][]): Result {
  return {
    columns: columns.map(([made]) => made),
    values: columns.map(([, values]) => values),
    row_count: columns[0]?.[1].length ?? 0,
    truncated: false,
    duration_ms: 1,
  };
}

/** Draws a scene with estimated text widths. */
export function draw(
  chart: Chart,
  made: Result,
  { width = 600, height = 300, locale = "en-US" } = {},
): Scene {
  return scene({
    chart,
    result: made,
    title: "Title",
    formats: new Formats(locale),
    measure: estimate,
    width,
    height,
  });
}

/** Every node of a tree with this class. */
export function all(root: Node, className: string): Node[] {
  const found: Node[] = [];
  const walk = (child: Child) => {
    if (typeof child === "string") return;
    if (
      String(child.attributes["class"] ?? "")
        .split(" ")
        .includes(className)
    )
      found.push(child);
    child.children.forEach(walk);
  };
  walk(root);
  return found;
}

/** All text of a tree. */
export function text(child: Child): string {
  return typeof child === "string" ? child : child.children.map(text).join("");
}

/** The numbers in an attribute. */
export function numbers(node: Node | undefined, name: string): number[] {
  return [...String(node?.attributes[name] ?? "").matchAll(/-?\d+(?:\.\d+)?/g)].map((match) =>
    Number(match[0]),
  );
}
