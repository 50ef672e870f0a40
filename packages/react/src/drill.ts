import type { KeyboardEvent, MouseEvent, SyntheticEvent } from "react";
import type { Chart, Column, DashboardCard, DashboardInfo, Parameter, Parameters, Result } from "@oriel/core";
import { canFilter, isRange } from "./filter-bar.js";

/** A mark of a chart that somebody chose. */
export interface Drill {
  /** The card's id. */
  card: string;
  /** The key of the card's question. */
  question: string;
  /** The result column whose value the mark stands for. */
  column: string;
  value: unknown;
  /** The filters with the one that fits the column set to the value; nothing when none fits. */
  params?: Parameters;
}

/** The column that tells one mark from another; one of measures isn't. */
export function drillColumn(chart: Chart, result: Result | undefined): Column | undefined {
  const name = chart.kind === "scatter" ? chart.label : chart.x;
  if (chart.kind === "table" || chart.kind === "number" || name === undefined) return undefined;
  return result?.columns.find((column) => column.name === name);
}

/** The filter in the bar that bears the column's name and takes its values. */
export function drillParameter(dashboard: DashboardInfo, column: Column): Parameter | undefined {
  return dashboard.parameters.find((one) => {
    if (one.name !== column.name || !canFilter(one)) return false;
    const days = column.type === "date" || column.type === "timestamp";
    return isRange(one) ? days : column.type === "text";
  });
}

/** What choosing a row's mark asks for. */
export function drillTo(
  row: number,
  card: DashboardCard,
  result: Result,
  dashboard: DashboardInfo,
  params: Parameters,
): Drill | undefined {
  const column = drillColumn(card.chart, result);
  if (!column) return undefined;
  const place = result.columns.indexOf(column);
  const value = result.values[place]?.[row];
  // A missing value can't be asked for by a filter.
  if (value === null || value === undefined) return undefined;
  const drill: Drill = { card: card.id, question: card.question, column: column.name, value };
  const parameter = drillParameter(dashboard, column);
  if (!parameter || typeof value !== "string") return drill;
  if (!isRange(parameter)) return { ...drill, params: { ...params, [parameter.name]: [value] } };
  const range = daysOf(value, card.chart.step);
  return range ? { ...drill, params: { ...params, [parameter.name]: range } } : drill;
}

/** The days that a step of time covers: what begins at `text` and goes on for a step. */
function daysOf(text: string, step: Chart["step"]): { from: string; to: string } | undefined {
  const from = /^\d{4}-\d\d-\d\d/.exec(text)?.[0];
  if (from === undefined) return undefined;
  const end = new Date(`${from}T00:00:00Z`);
  if (Number.isNaN(end.getTime())) return undefined;
  if (step === "week") end.setUTCDate(end.getUTCDate() + 7);
  else if (step === "month") end.setUTCMonth(end.getUTCMonth() + 1);
  else if (step === "quarter") end.setUTCMonth(end.getUTCMonth() + 3);
  else if (step === "year") end.setUTCFullYear(end.getUTCFullYear() + 1);
  else end.setUTCDate(end.getUTCDate() + 1);
  end.setUTCDate(end.getUTCDate() - 1);
  return { from, to: end.toISOString().slice(0, 10) };
}

/** A drawing whose marks can be chosen by the pointer and the Enter key. */
export function onMarks(choose: (row: number) => void) {
  const chosen = (event: SyntheticEvent<HTMLDivElement>, pointed: boolean) => {
    const target = event.target as Element;
    const within = target.closest(".oriel-view");
    // Beside a mark, as on a line, the pointer means the one whose tip is shown.
    const mark =
      target.closest("[data-oriel-point]") ??
      (pointed ? within?.querySelector("[data-oriel-point].oriel-active") : undefined);
    const row = mark?.getAttribute("data-oriel-row") ?? mark?.getAttribute("data-oriel-point");
    if (row === null || row === undefined) return;
    event.preventDefault();
    choose(Number(row));
  };
  return {
    className: "oriel-card-body oriel-drill",
    onClick: (event: MouseEvent<HTMLDivElement>) => {
      chosen(event, true);
    },
    onKeyDown: (event: KeyboardEvent<HTMLDivElement>) => {
      const held = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
      if ((event.key === "Enter" || event.key === " ") && !held) chosen(event, false);
    },
  };
}

/** A mark of a question's chart that somebody chose. */
export interface QuestionDrill {
  /** The key of the question. */
  question: string;
  /** The result column whose value the mark stands for. */
  column: string;
  value: unknown;
}

/** What a row's mark of a question's chart stands for; nothing for a kind without such marks. */
export function questionDrill(
  question: string,
  chart: Chart,
  result: Result,
  row: number,
): QuestionDrill | undefined {
  const column = drillColumn(chart, result);
  if (!column) return undefined;
  return { question, column: column.name, value: result.values[result.columns.indexOf(column)]?.[row] };
}
