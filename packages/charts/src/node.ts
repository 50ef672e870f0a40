/** One element of a scene: drawn by `dom.ts` in a page, by `string.ts` on a server. */
export interface Node {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly Child[];
}

export type Child = Node | string;

type Attributes = Record<string, string | number | undefined>;

/**
 * Makes a node. Tags and attribute names are ours; data goes into text and attribute values only.
 * An undefined attribute and a null child are left out; coordinates are cut to a hundredth of a pixel.
 */
export function node(
  tag: string,
  attributes: Attributes = {},
  children: readonly (Child | null)[] = [],
): Node {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    kept[name] = typeof value === "number" ? Math.round(value * 100) / 100 : value;
  }
  return { tag, attributes: kept, children: children.filter((child) => child !== null) };
}
