import { describe, expect, it } from "vitest";
import { Formats } from "./format.js";
import { column } from "./testing/make.js";

const space = /[\u00a0\u202f]/g;
const plain = (text: string) => text.replace(space, " ");

describe("formats", () => {
  it.each([
    ["integer", {}, 1234, "1,234", "1.234"],
    ["integer64", {}, "9007199254740993", "9,007,199,254,740,993", "9.007.199.254.740.993"],
    [
      "decimal",
      { style: "currency", currency: "USD", digits: 2 },
      "1234567.10",
      "$1,234,567.10",
      "1.234.567,10 $",
    ],
    ["number", { style: "percent", digits: 1 }, 0.2673, "26.7%", "26,7 %"],
    ["number", { style: "unit", unit: "minute", digits: 1 }, 12.04, "12.0 min", "12,0 Min."],
    ["integer", { style: "unit", unit: "mile" }, 1750, "1,750 mi", "1.750 mi"],
    ["number", { style: "unit", unit: "sheep" }, 3, "3 sheep", "3 sheep"],
    ["number", { style: "currency", currency: "no" }, 3, "3", "3"],
    ["number", { digits: 400 }, 1, "1.00000000000000000000", "1,00000000000000000000"],
    ["boolean", {}, false, "No", "No"],
    ["text", {}, "<b>", "<b>", "<b>"],
    ["number", {}, "nonsense", "nonsense", "nonsense"],
  ] as const)("writes %s %o %s as %s", (type, format, value, en, de) => {
    expect(plain(new Formats("en-US").cell(column("c", type, format), value))).toBe(en);
    expect(plain(new Formats("de-DE").cell(column("c", type, format), value))).toBe(de);
  });

  it("writes nothing for null", () => {
    expect(new Formats("en").cell(column("c", "integer"), null)).toBe("");
  });

  it("takes the reader's own locale for a malformed one", () => {
    expect(new Formats("not a locale!").number(column("c", "integer"), 7)).toBe("7");
  });

  it("writes ticks with as few digits as tell them apart, compact when large", () => {
    const formats = new Formats("en-US");
    expect(formats.ticks(column("c", "number"), [0, 0.02, 0.04])).toEqual(["0.00", "0.02", "0.04"]);
    expect(formats.ticks(column("c", "number"), [-0, 5])).toEqual(["0", "5"]);
    expect(formats.ticks(column("c", "number"), [0, 50, 100])).toEqual(["0", "50", "100"]);
    expect(formats.ticks(column("c", "integer"), [0, 50_000, 100_000])).toEqual(["0", "50K", "100K"]);
    expect(
      formats.ticks(column("c", "number", { style: "currency", currency: "USD" }), [0, 500_000]),
    ).toEqual(["$0", "$500K"]);
    expect(formats.ticks(column("c", "number", { style: "percent" }), [0, 0.1, 0.2])).toEqual([
      "0%",
      "10%",
      "20%",
    ]);
  });

  it("names the unit of an axis in its title", () => {
    expect(
      new Formats("en").axisTitle(column("d", "number", { style: "unit", unit: "minute" }, "Delay")),
    ).toBe("Delay (min)");
    expect(new Formats("en").axisTitle(column("d", "number", {}, "Delay"))).toBe("Delay");
  });
});
