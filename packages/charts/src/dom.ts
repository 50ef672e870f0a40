import type { Child, Node } from "./node.js";

const svgNamespace = "http://www.w3.org/2000/svg";

/** Builds the element of a node. Text becomes text nodes, so nothing in the data can be markup. */
export function toElement(document: Document, node: Node): HTMLElement | SVGElement {
  return build(document, node, false) as HTMLElement | SVGElement;
}

function build(document: Document, child: Child, withinSvg: boolean): globalThis.Node {
  if (typeof child === "string") return document.createTextNode(child);
  const svg = withinSvg || child.tag === "svg";
  const element = svg ? document.createElementNS(svgNamespace, child.tag) : document.createElement(child.tag);
  for (const [name, value] of Object.entries(child.attributes)) element.setAttribute(name, String(value));
  for (const inner of child.children) element.appendChild(build(document, inner, svg));
  return element;
}
