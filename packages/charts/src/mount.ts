import { toElement } from "./dom.js";
import { Formats } from "./format.js";
import { frame, twinPart } from "./frame.js";
import { tableRows } from "./kinds/table.js";
import { measureIn } from "./page.js";
import { Reach } from "./reach.js";
import { scene, type Scene } from "./scene.js";
import { adoptStyles } from "./adopt.js";
import type { ChartOptions } from "./types.js";

/** A chart in a page. */
export interface MountedChart {
  /** Draws anew with these options changed; a key whose value is undefined goes back to its default. */
  update(partial: Partial<ChartOptions>): void;
  /** Takes the chart out of the page and stops watching its size. Doing it twice is fine. */
  destroy(): void;
}

/** A size to begin with where the element has none yet, so that the data is in the page at once. */
const firstSize = { width: 480, height: 280 };

/**
 * Draws a chart into an element and keeps it at the element's size. The element's former content is
 * replaced. An element without a height of its own gets one that suits the chart.
 */
export function mountChart(element: HTMLElement, options: ChartOptions): MountedChart {
  const chart = new PageChart(element, options);
  return { update: (partial) => chart.update(partial), destroy: () => chart.destroy() };
}

class PageChart {
  readonly #element: HTMLElement;
  readonly #observer: ResizeObserver | undefined;
  #options: ChartOptions;
  #formats: Formats;
  #root: HTMLElement | undefined;
  #reach: Reach | undefined;
  #width = 0;
  #height = 0;

  constructor(element: HTMLElement, options: ChartOptions) {
    this.#element = element;
    this.#options = options;
    this.#formats = new Formats(options.locale);
    adoptStyles(element);
    const Observer = element.ownerDocument.defaultView?.ResizeObserver;
    this.#observer = Observer && new Observer(() => this.#resized());
    this.#build();
  }

  update(partial: Partial<ChartOptions>): void {
    const before = this.#options;
    const changed = (Object.keys(partial) as (keyof ChartOptions)[]).filter(
      (key) => partial[key] !== before[key],
    );
    if (changed.length === 0) return;
    this.#options = { ...before, ...partial };
    if (changed.includes("locale")) this.#formats = new Formats(partial.locale);
    if (changed.every((key) => key === "theme")) setOrRemove(this.#root, "data-oriel-theme", partial.theme);
    else this.#build();
  }

  destroy(): void {
    this.#observer?.disconnect();
    this.#reach?.destroy();
    this.#root?.remove();
  }

  /** Puts the frame into the page, for only there can its place be measured, and draws in it. */
  #build(): void {
    const focused = this.#reach?.focused();
    this.#reach?.destroy();
    this.#observer?.disconnect();
    this.#root = toElement(this.#element.ownerDocument, frame(this.#options, this.#formats)) as HTMLElement;
    this.#element.replaceChildren(this.#root);
    this.#measure();
    this.#draw(focused);
    // Last, so that measuring need not lay out a table of thousands of cells.
    this.#part("plot").append(toElement(this.#element.ownerDocument, twinPart(this.#options)));
    this.#observer?.observe(this.#part("plot"));
  }

  /** Draws in one step before the next paint, so nothing flickers. The focus stays on its point. */
  #draw(focused: number | undefined): void {
    const { clientWidth, clientHeight } = this.#part("plot");
    const drawn = scene({
      ...this.#options,
      formats: this.#formats,
      measure: measureIn(this.#part("plot")),
      width: clientWidth || firstSize.width,
      height: clientHeight || firstSize.height,
    });
    const view = this.#part("view");
    view.replaceChildren(toElement(view.ownerDocument, drawn.body));
    this.#reach?.destroy();
    this.#reach = new Reach(view, this.#part("tip"), drawn);
    if (focused !== undefined) this.#reach.focus(focused);
    if (drawn.rows) view.addEventListener("scroll", () => extend(view, drawn), { passive: true });
  }

  #resized(): void {
    // A frame that was built aside may have come into a shadow root since.
    adoptStyles(this.#element);
    const changed = this.#measure();
    // A table lays itself out.
    if (changed && this.#options.chart.kind !== "table") this.#draw(this.#reach?.focused());
  }

  /** Whether the place has a new size. One of nothing, as of a closed tab, is none to draw for. */
  #measure(): boolean {
    const { clientWidth: width, clientHeight: height } = this.#part("plot");
    if (width === 0 || height === 0 || (width === this.#width && height === this.#height)) return false;
    this.#width = width;
    this.#height = height;
    return true;
  }

  #part(name: string): HTMLElement {
    return this.#root?.querySelector(`.oriel-${name}`) as HTMLElement;
  }
}

/** Adds rows to a long table as its reader nears the end of those that are there. */
function extend(view: HTMLElement, drawn: Scene): void {
  const body = view.querySelector("tbody");
  if (!body || view.scrollHeight - view.scrollTop - view.clientHeight > 600) return;
  const from = body.childElementCount;
  for (const row of drawn.rows?.(from, from + tableRows) ?? [])
    body.append(toElement(body.ownerDocument, row));
}

function setOrRemove(element: HTMLElement | undefined, name: string, value: string | undefined): void {
  if (value === undefined) element?.removeAttribute(name);
  else element?.setAttribute(name, value);
}
