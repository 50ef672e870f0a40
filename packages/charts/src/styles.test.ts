import { describe, expect, it } from "vitest";
import { chartStyles } from "./styles.js";

/** The default colours of a theme: light is the first block of the styles, dark the second. */
function colours(theme: "light" | "dark"): Record<string, string> {
  const blocks = [...chartStyles.matchAll(/\{([^{}]*color-scheme:(light|dark);?)\}/g)];
  const block = blocks.find((found) => found[2] === theme)?.[1] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--(_[\w-]+):var\([\w-]+,(#\w+)\)/g)].map((found) => [found[1], found[2]]),
  );
}

type Colour = [number, number, number];

function parse(hex: string): Colour {
  const digits =
    hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit) : (hex.slice(1).match(/../g) ?? []);
  return digits.map((pair) => parseInt(pair, 16) / 255) as Colour;
}

function contrast(a: Colour, b: Colour): number {
  const light = (colour: Colour) => {
    const [r, g, bl] = colour.map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    ) as Colour;
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [high, low] = [light(a), light(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const mixed = (over: Colour, under: Colour, part: number) =>
  over.map((value, i) => value * part + (under[i] ?? 0) * (1 - part)) as Colour;

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const all = colours(theme);
  const of = (name: string) => parse(all[name] ?? "#000");

  it.each(["_text", "_muted", "_good", "_bad"])("shows text in %s at 4.5:1", (name) => {
    for (const surface of ["_surface", "_hover"])
      expect(contrast(of(name), of(surface))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["_s0", "_s1", "_s2", "_s3", "_s4", "_s5", "_zero", "_focus"])(
    "shows marks in %s at 3:1",
    (name) => {
      expect(contrast(of(name), of("_surface"))).toBeGreaterThanOrEqual(3);
    },
  );

  it("shows a single dot of a scatter chart at 3:1 in spite of its opacity, and the tip's text at 4.5:1", () => {
    expect(chartStyles).toContain("fill-opacity:.6");
    expect(contrast(mixed(of("_dot"), of("_surface"), 0.6), of("_surface"))).toBeGreaterThanOrEqual(3);
    expect(contrast(mixed(of("_tip-text"), of("_tip"), 0.82), of("_tip"))).toBeGreaterThanOrEqual(4.5);
  });
});
