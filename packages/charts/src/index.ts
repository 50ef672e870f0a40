export { mountChart, type MountedChart } from "./mount.js";
export { renderToString } from "./render.js";
export { chartStyles } from "./styles.js";
export type { Chart, ChartOptions, Column, Format, Result, StringOptions, Theme } from "./types.js";
