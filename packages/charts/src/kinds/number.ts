import { field, toNumber } from "../data.js";
import { node, type Node } from "../node.js";
import { still, type Drawing, type Scene } from "../scene.js";
import type { Column } from "../types.js";
import type { Formats } from "../format.js";
import { words } from "../words.js";

/** One big figure, and its trend against the column `<name>_previous`. */
export function numberScene(d: Drawing): Scene {
  const { column, cells } = d.ys[0];
  const value = cells[0];
  const number = toNumber(value);
  const figure =
    number === null
      ? [words.noValue]
      : d.formats
          .parts(column, value as number | string)
          .map((part) =>
            part.type === "unit" ? node("span", { class: "oriel-unit" }, [part.value]) : part.value,
          );
  const previous = toNumber(field(d.result, `${column.name}_previous`)?.cells[0]);
  const line = number === null ? null : trend(d, column, number, previous);
  return still(
    node("div", { class: "oriel-number" }, [
      node("div", { class: "oriel-figure" }, [node("bdi", {}, figure)]),
      line,
    ]),
  );
}

function trend(d: Drawing, column: Column, value: number, previous: number | null): Node {
  if (previous === null) return node("div", { class: "oriel-trend" }, [words.noComparison]);
  const { text, sign } = difference(d.formats, column, value, previous);
  const better = d.chart.better === "down" ? -1 : 1;
  const tone = sign === 0 || !d.chart.better ? "oriel-even" : sign === better ? "oriel-good" : "oriel-bad";
  return node("div", { class: "oriel-trend" }, [
    node("span", { class: `oriel-change ${tone}` }, [
      arrow(sign),
      node("span", { class: "oriel-hidden" }, [
        `${sign > 0 ? words.up : sign < 0 ? words.down : words.unchanged} `,
      ]),
      node("span", { dir: "ltr" }, [text]),
    ]),
    " ",
    node("span", {}, [words.comparison]),
  ]);
}

/**
 * Counts and sums of money change by percent; averages and shares by their own unit, because a
 * percentage of an average that may pass zero says nothing. The sign is that of the rounded text.
 */
function difference(
  formats: Formats,
  column: Column,
  value: number,
  previous: number,
): { text: string; sign: number } {
  const share = column.format.style === "percent";
  const relative =
    (column.type.startsWith("integer") || column.format.style === "currency") && !share && previous !== 0;
  const change = value - previous;
  const signed = { signDisplay: "exceptZero" } as const;
  const plain: Column = {
    ...column,
    format: { style: relative ? "percent" : "number", digits: column.format.digits ?? 1 },
  };
  if (relative) plain.format.digits = 1;
  const parts = relative
    ? formats.parts(plain, change / Math.abs(previous), signed)
    : share
      ? formats.parts(plain, change * 100, signed)
      : formats.parts(column, change, signed);
  const sign = parts.some((part) => part.type === "minusSign")
    ? -1
    : parts.some((part) => part.type === "plusSign")
      ? 1
      : 0;
  const text = parts.map((part) => part.value).join("");
  return { text: share ? `${text} ${words.points}` : text, sign };
}

function arrow(sign: number): Node | null {
  if (sign === 0) return null;
  const shape = sign > 0 ? "M5 1.5 9 8H1Z" : "M5 8.5 1 2H9Z";
  return node(
    "svg",
    { class: "oriel-arrow", viewBox: "0 0 10 10", width: 10, height: 10, "aria-hidden": "true" },
    [node("path", { d: shape })],
  );
}
