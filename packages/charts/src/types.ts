/** How a chart is drawn; the API's schema Chart. */
export interface Chart {
  kind: "number" | "bar" | "row" | "line" | "scatter" | "table";
  /** Result column on the category or horizontal axis. */
  x?: string | undefined;
  /** Result columns that are drawn. */
  y?: readonly string[] | undefined;
  /** Result column that names a dot. */
  label?: string | undefined;
  /** Which direction of a trend is good. */
  better?: "up" | "down" | undefined;
  /** x goes by this unit of time, and a step may be without a row. */
  step?: "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year" | undefined;
  /** With step: whether a step without a row stands for 0 or for no figure. */
  missing?: "zero" | "gap" | undefined;
  /** A sentence under the title; the frame around the chart shows it, the chart tells it to screen readers. */
  note?: string | undefined;
}

/** How the values of a column are written for people; the API's schema Format. */
export interface Format {
  style?: "number" | "currency" | "percent" | "unit" | undefined;
  /** ISO 4217 code. */
  currency?: string | undefined;
  /** Unit of Intl.NumberFormat, as `minute` or `mile`; another word is written as it is. */
  unit?: string | undefined;
  /** Digits after the decimal point. */
  digits?: number | undefined;
}

/** A column of a result; the API's schema Column. */
export interface Column {
  name: string;
  label: string;
  type: "text" | "integer" | "integer64" | "decimal" | "number" | "boolean" | "date" | "timestamp";
  format: Format;
}

/** A columnar result; the API's schema Result. */
export interface Result {
  columns: readonly Column[];
  /** One array for each column, in the order of the columns. */
  values: readonly (readonly unknown[])[];
  row_count: number;
  truncated: boolean;
  cached_at?: string | undefined;
  duration_ms: number;
}

/** Light, dark, or what the reader's system prefers. */
export type Theme = "light" | "dark" | "auto";

/** What is drawn, and how. */
export interface ChartOptions {
  chart: Chart;
  result: Result;
  /** Names the chart to screen readers and is its table's caption; the frame around the chart shows it. */
  title: string;
  /** Without it the nearest ancestor's `data-oriel-theme` holds, else light. */
  theme?: Theme | undefined;
  /** BCP 47; the reader's own without it. */
  locale?: string | undefined;
  /** Shows the table of the data in place of the chart. */
  showData?: boolean | undefined;
}

/** ChartOptions for a place without a page: the size is told, in CSS pixels. */
export interface StringOptions extends ChartOptions {
  width: number;
  height: number;
}
