import { estimate, fontSize, type Measure } from "./measure.js";

/** Measures texts in an element's font; estimates where the page cannot measure. */
export function measureIn(element: HTMLElement): Measure {
  const { ownerDocument: document } = element;
  const context = document.createElement("canvas").getContext?.("2d");
  const family = document.defaultView?.getComputedStyle(element).fontFamily;
  if (!context || !family) return estimate;
  context.font = `${fontSize}px ${family}`;
  const known = new Map<string, number>();
  return (text) => {
    let width = known.get(text);
    if (width === undefined) known.set(text, (width = context.measureText(text).width));
    return width;
  };
}
