import { chartStyles } from "./styles.js";

const sheets = new WeakMap<Document, CSSStyleSheet>();

/**
 * Gives the page, or the shadow root, that an element is in the charts' styles, once. An adopted
 * style sheet is no inline style, so a strict Content-Security-Policy lets it pass.
 */
export function adoptStyles(element: HTMLElement): void {
  const { ownerDocument: document } = element;
  const Sheet = document.defaultView?.CSSStyleSheet;
  if (!Sheet || !("adoptedStyleSheets" in document)) return;
  let sheet = sheets.get(document);
  if (!sheet) {
    sheet = new Sheet();
    sheet.replaceSync(chartStyles);
    sheets.set(document, sheet);
  }
  const root = element.getRootNode();
  const scope = "adoptedStyleSheets" in root ? (root as ShadowRoot) : document;
  if (!scope.adoptedStyleSheets.includes(sheet))
    scope.adoptedStyleSheets = [...scope.adoptedStyleSheets, sheet];
}
