import { isNumber } from "./data.js";
import { node, type Node } from "./node.js";
import type { Result } from "./types.js";

/**
 * The data of a chart as a table: every row and column, each cell exactly as it was received.
 * It is always in the page, for screen readers, for checks and for whoever asks to see the data.
 */
export function twin(result: Result, title: string): Node {
  const { columns, values } = result;
  const kinds = columns.map((column) => (isNumber(column) ? "oriel-numeric" : undefined));
  const head = columns.map((column, index) =>
    node("th", { scope: "col", "data-column": column.name, class: kinds[index] }, [column.label]),
  );
  const rows: Node[] = [];
  for (let row = 0; row < result.row_count; row += 1) {
    rows.push(node("tr", {}, columns.map((_, index) => node("td", { class: kinds[index] }, [exactly(values[index]?.[row])]))));
  }
  return node("table", { class: "oriel-table", "data-oriel-twin": "" }, [
    node("caption", {}, [title]),
    node("thead", {}, [node("tr", {}, head)]),
    node("tbody", {}, rows),
  ]);
}

function exactly(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell as string | number | boolean);
}
