import { afterEach, describe, expect, it } from "vitest";
import { toTime } from "./data.js";
import { Formats } from "./format.js";
import { all, column, draw, result, text } from "./testing/make.js";

const before = process.env["TZ"];
afterEach(() => {
  if (before === undefined) delete process.env["TZ"];
  else process.env["TZ"] = before;
});

describe.each([
  ["America/Los_Angeles", 480],
  ["Pacific/Auckland", -780],
  ["UTC", 0],
])("in %s", (zone, offset) => {
  const at = () => {
    process.env["TZ"] = zone;
    // Otherwise this file would test nothing.
    expect(new Date(2001, 0, 1).getTimezoneOffset()).toBe(offset);
  };

  it("a wall time stays as it is", () => {
    at();
    const formats = new Formats("en-GB");
    const timestamp = column("t", "timestamp");
    expect(formats.cell(timestamp, "2001-01-01T00:47:00")).toBe("1 Jan 2001, 0:47");
    expect(formats.cell(timestamp, "2001-04-01 02:30:00")).toBe("1 Apr 2001, 2:30");
    expect(formats.cell(timestamp, "2001-01-01T23:59:59.123456")).toBe("1 Jan 2001, 23:59");
    expect(formats.cell(column("d", "date"), "2001-01-01")).toBe("1 Jan 2001");
  });

  it("an axis of days begins on its first day", () => {
    at();
    const days = ["2001-01-01", "2001-01-02", "2001-01-03"];
    const drawn = draw(
      { kind: "line", x: "day", y: ["n"] },
      result([column("day", "date"), days], [column("n", "integer"), [1, 2, 3]]),
    );
    expect(all(drawn.body, "oriel-tick").map(text)).toEqual(
      expect.arrayContaining(["Jan 1", "Jan 2", "Jan 3"]),
    );
    expect(drawn.tip(0).heading).toBe("Mon, Jan 1, 2001");
  });
});

describe("toTime", () => {
  it("reads no time zone, whatever stands behind the wall time", () => {
    expect(toTime("2001-01-01T10:00:00Z")).toBe(toTime("2001-01-01T10:00:00+13:00"));
  });
  it.each(["", "yesterday", "2001-13-01", null, 5])("is null for %s", (cell) => {
    expect(toTime(cell)).toBeNull();
  });
});
