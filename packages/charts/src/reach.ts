import { toElement } from "./dom.js";
import { node } from "./node.js";
import { series } from "./plane.js";
import { spoken, type Scene, type Tip } from "./scene.js";

/** Steps of the arrow keys; one order of points serves all kinds. */
const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Lets pointer and keyboard reach the points of a drawing, and shows the tip of the one they are at. */
export class Reach {
  readonly #view: HTMLElement;
  readonly #tip: HTMLElement;
  readonly #scene: Scene;
  readonly #marks: Element[] = [];
  readonly #stop = new AbortController();
  #active = -1;

  constructor(view: HTMLElement, tip: HTMLElement, scene: Scene) {
    this.#view = view;
    this.#tip = tip;
    this.#scene = scene;
    this.#hide();
    if (scene.points.length === 0) return;
    for (const mark of view.querySelectorAll("[data-oriel-point]")) this.#marks.push(mark);
    const { signal } = this.#stop;
    const pointed = (event: PointerEvent) => this.#pointed(event);
    view.addEventListener("pointermove", pointed, { signal });
    view.addEventListener("pointerdown", pointed, { signal });
    view.addEventListener("pointerleave", (event) => this.#left(event), { signal });
    view.ownerDocument.addEventListener(
      "pointerdown",
      (event) => event.composedPath().includes(view) || this.#hide(),
      { signal },
    );
    view.addEventListener("scroll", () => this.#hide(), { signal, passive: true });
    view.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    view.addEventListener("focusin", () => this.#show(this.focused() ?? -1), { signal });
    view.addEventListener("focusout", () => this.#hide(), { signal });
  }

  /** The point that has the focus. */
  focused(): number | undefined {
    const root = this.#view.getRootNode() as Document | ShadowRoot;
    const point = root.activeElement?.getAttribute("data-oriel-point");
    return point && this.#marks[Number(point)] === root.activeElement ? Number(point) : undefined;
  }

  /** Moves the focus to a point, or the last there is. */
  focus(point: number): void {
    const place = Math.max(0, Math.min(this.#marks.length - 1, point));
    const mark = this.#marks[place];
    if (!mark) return;
    mark.setAttribute("role", "graphics-symbol");
    mark.setAttribute("aria-label", spoken(this.#scene.tip(place)));
    for (const other of this.#view.querySelectorAll('[tabindex="0"]')) other.setAttribute("tabindex", "-1");
    mark.setAttribute("tabindex", "0");
    (mark as SVGElement).focus({ preventScroll: false });
  }

  destroy(): void {
    this.#stop.abort();
    this.#hide();
  }

  #pointed(event: PointerEvent): void {
    const box = this.#view.getBoundingClientRect();
    const x = event.clientX - box.left + this.#view.scrollLeft;
    const y = event.clientY - box.top + this.#view.scrollTop;
    this.#show(this.#scene.nearest(x, y));
  }

  /** A finger leaves with every tap, and its tip stays; a mouse goes back to what the keyboard is at. */
  #left(event: PointerEvent): void {
    if (event.pointerType === "touch") return;
    const focused = this.focused() ?? -1;
    this.#show(this.#marks[focused]?.matches(":focus-visible") ? focused : -1);
  }

  #pressed(event: KeyboardEvent): void {
    const from = this.focused();
    if (event.key === "Escape") return this.#hide();
    if (from === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = steps[event.key];
    const to =
      event.key === "Home"
        ? 0
        : event.key === "End"
          ? this.#marks.length - 1
          : step === undefined
            ? undefined
            : from + step;
    if (to === undefined) return;
    event.preventDefault();
    this.focus(to);
  }

  #show(point: number): void {
    if (point === this.#active) return;
    this.#hide();
    const anchor = this.#scene.points[point];
    if (!anchor) return;
    this.#active = point;
    this.#marks[point]?.classList.add("oriel-active");
    const crosshair = this.#view.querySelector(".oriel-crosshair");
    crosshair?.setAttribute("x1", String(anchor.x));
    crosshair?.setAttribute("x2", String(anchor.x));
    crosshair?.classList.add("oriel-active");
    fill(this.#tip, this.#scene.tip(point));
    this.#place(anchor.x - this.#view.scrollLeft, anchor.y - this.#view.scrollTop);
  }

  #hide(): void {
    this.#active = -1;
    this.#tip.hidden = true;
    for (const element of this.#view.querySelectorAll(".oriel-active"))
      element.classList.remove("oriel-active");
  }

  /** Puts the tip beside the point, on the side with room, inside the chart's box. */
  #place(x: number, y: number): void {
    const tip = this.#tip;
    tip.hidden = false;
    const box = tip.parentElement as HTMLElement;
    const beside = x + 12 + tip.offsetWidth <= box.clientWidth ? x + 12 : x - 12 - tip.offsetWidth;
    const left = Math.max(0, Math.min(beside, box.clientWidth - tip.offsetWidth));
    const top = Math.max(0, Math.min(y - tip.offsetHeight / 2, box.clientHeight - tip.offsetHeight));
    tip.style.left = `${Math.round(left)}px`;
    tip.style.top = `${Math.round(top)}px`;
  }
}

function fill(element: HTMLElement, tip: Tip): void {
  const { ownerDocument: document } = element;
  const lines = tip.lines.map(({ label, value, series: index }) =>
    node("div", { class: "oriel-tip-line" }, [
      node("span", { class: "oriel-tip-label" }, [
        index === undefined ? null : node("i", { class: `oriel-tip-swatch ${series(index)}` }),
        label,
      ]),
      node("span", { class: "oriel-tip-value" }, [value]),
    ]),
  );
  const heading = tip.heading ? [node("div", { class: "oriel-tip-heading" }, [tip.heading])] : [];
  element.replaceChildren(...[...heading, ...lines].map((line) => toElement(document, line)));
}
