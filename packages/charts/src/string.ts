import type { Child, Node } from "./node.js";

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Writes a node as HTML. Every text and every attribute value is escaped. */
export function toHtml(node: Node): string {
  const parts: string[] = [];
  write(node, parts);
  return parts.join("");
}

function write(child: Child, parts: string[]): void {
  if (typeof child === "string") {
    parts.push(escape(child));
    return;
  }
  parts.push("<", child.tag);
  for (const [name, value] of Object.entries(child.attributes))
    parts.push(" ", name, '="', escape(String(value)), '"');
  parts.push(">");
  for (const inner of child.children) write(inner, parts);
  parts.push("</", child.tag, ">");
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
