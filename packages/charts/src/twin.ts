import { isNumber, written } from "./data.js";
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
    rows.push(
      node(
        "tr",
        {},
        columns.map((_, index) => node("td", { class: kinds[index] }, [written(values[index]?.[row])])),
      ),
    );
  }
  return node("table", { class: "oriel-table", "data-oriel-twin": "" }, [
    node("caption", { class: "oriel-hidden" }, [title]),
    node("thead", {}, [node("tr", {}, head)]),
    node("tbody", {}, rows),
  ]);
}
