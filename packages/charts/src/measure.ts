/** The width of a text in CSS pixels at the size of axis labels. */
export type Measure = (text: string) => number;

/** The size of labels in a drawing, in CSS pixels. */
export const fontSize = 12;

/**
 * Estimates a text's width where there is no page to measure it, from the widths that common
 * sans-serif faces share; a little generous, so that labels rather keep apart than touch.
 */
export const estimate: Measure = (text) => {
  let width = 0;
  for (const character of text) width += relativeWidth(character);
  return width * fontSize;
};

function relativeWidth(character: string): number {
  if (/[ijl.,:;'|!]/.test(character)) return 0.28;
  if (/[ ftrI()[\]\-/]/.test(character)) return 0.36;
  if (/[mwMW@%]/.test(character)) return 0.92;
  if (/[A-Z&]/.test(character)) return 0.7;
  return (character.codePointAt(0) ?? 0) >= 0x1100 ? 1 : 0.57;
}

/** Cuts a text with an ellipsis so that it fits. */
export function fit(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text;
  const characters = [...text];
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(characters.slice(0, middle).join("").trimEnd() + "…") <= width) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "…" : characters.slice(0, low).join("").trimEnd() + "…";
}
