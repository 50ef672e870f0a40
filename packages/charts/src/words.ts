/** The words that charts say themselves, in one place. */
export const words = {
  empty: "No data for this selection",
  noComparison: "no comparison",
  comparison: "vs. preceding period",
  noValue: "–",
  yes: "Yes",
  no: "No",
  up: "Up",
  down: "Down",
  unchanged: "Unchanged",
  points: "pts",
  missingColumn: (name: string) => `This chart needs the column “${name}”, which the result lacks`,
  /** Names the part that scrolls; the frame around already bears the title alone. */
  rows: (title: string) => `${title}: rows`,
  truncated: (rows: string) => `First ${rows} rows`,
  kinds: {
    number: "number",
    bar: "bar chart",
    row: "row chart",
    line: "line chart",
    scatter: "scatter chart",
    table: "table",
  },
} as const;
