import { Formats } from "./format.js";
import { frame, twinPart } from "./frame.js";
import { estimate } from "./measure.js";
import { scene } from "./scene.js";
import { toHtml } from "./string.js";
import type { StringOptions } from "./types.js";

/**
 * Draws a chart as HTML, where there is no page: the same drawing and the same table that
 * `mountChart` makes, to be styled by `chartStyles`. All text is escaped; it holds no script and no inline style.
 */
export function renderToString(options: StringOptions): string {
  const formats = new Formats(options.locale);
  const drawn = scene({ ...options, formats, measure: estimate });
  return toHtml(frame(options, formats, [drawn.body], [twinPart(options)]));
}
