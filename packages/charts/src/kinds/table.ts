import { field, isNumber, type Field } from "../data.js";
import type { Formats } from "../format.js";
import { node, type Node } from "../node.js";
import { still, type Scene, type SceneOptions } from "../scene.js";

/** Rows that a table begins with; the page adds as many again when a reader scrolls near its end. */
export const tableRows = 200;

/** The rows as a table for people: formatted, numbers to the right. The columns are x and y where the chart names them, else all. */
export function tableScene(options: SceneOptions): Scene {
  const { chart, result, formats, title } = options;
  const named = chart.y?.length
    ? [...(chart.x ? [chart.x] : []), ...chart.y]
    : result.columns.map((column) => column.name);
  const fields = named.map((name) => field(result, name)).filter((found) => found !== undefined);
  const head = fields.map(({ column }) => node("th", { scope: "col", ...aligned(column) }, [column.label]));
  const rows = (from: number, to: number) => bodyRows(formats, fields, from, Math.min(to, result.row_count));
  const table = node(
    "table",
    { class: "oriel-table", "aria-label": title, "aria-rowcount": result.row_count + 1 },
    [node("thead", {}, [node("tr", {}, head)]), node("tbody", {}, rows(0, tableRows))],
  );
  return { ...still(table), rows };
}

function bodyRows(formats: Formats, fields: readonly Field[], from: number, to: number): Node[] {
  const rows: Node[] = [];
  for (let row = from; row < to; row += 1) {
    const cells = fields.map(({ column, cells }) =>
      node("td", aligned(column), [isolated(column, formats.cell(column, cells[row]))]),
    );
    rows.push(node("tr", { "aria-rowindex": row + 2 }, cells));
  }
  return rows;
}

/** Names and dates keep their own direction of writing; the styles see to numbers. */
function isolated(column: Field["column"], text: string): Node | string {
  return isNumber(column) ? text : node("bdi", {}, [text]);
}

function aligned(column: Field["column"]): { class?: string } {
  return isNumber(column) ? { class: "oriel-numeric" } : {};
}
