// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { mountChart } from "./mount.js";
import { renderToString } from "./render.js";
import { column, result } from "./testing/make.js";
import type { Chart } from "./types.js";

const evil = `</text></svg><script>alert(1)</script>"'><img src=x onerror=alert(1)>]]>&amp;<style>*{}</style>`;
const kinds: Chart[] = [
  { kind: "number", y: [evil], note: evil },
  { kind: "bar", x: "name", y: [evil], note: evil },
  { kind: "row", x: "name", y: [evil, "more"], note: evil },
  { kind: "line", x: "name", y: [evil, "more"], note: evil },
  { kind: "scatter", x: "more", y: [evil], label: "name", note: evil },
  { kind: "table", note: evil },
  { kind: "bar", x: evil, y: [evil] },
];
const data = result(
  [column("name", "text", {}, evil), [evil, `javascript:alert(1)`]],
  [column(evil, "number", { style: "unit", unit: evil }, evil), [4, 3]],
  [column("more", "integer", { style: "currency", currency: evil }, evil), [2, 1]],
);

describe.each(kinds.map((chart) => [chart.kind, chart] as const))(
  "hostile names in a chart of kind %s",
  (_, chart) => {
    const options = { chart, result: data, title: evil, locale: evil };

    it("are text in the string", () => {
      const html = renderToString({ ...options, width: 400, height: 200 });
      expect(html).toContain("&lt;script&gt;");
      expect(html).not.toMatch(/<(script|img|style)/i);
      expect(html).not.toContain("]]>");
      // Outside of quoted values no tag and no attribute can begin that we did not write.
      const tags = (html.match(/<[^<>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, ""));
      expect(
        tags.filter((tag) => !/^<\/?[a-z]+( [a-zA-Z12-]+=)*>$/.test(tag) || / (on\w+|style|href)=/.test(tag)),
      ).toEqual([]);
      harmless(new DOMParser().parseFromString(html, "text/html").body);
    });

    it("are text in the page", () => {
      const element = document.createElement("div");
      document.body.append(element);
      const chart = mountChart(element, options);
      harmless(element);
      for (const point of element.querySelectorAll<SVGElement>("[data-oriel-point]")) {
        point.focus();
        harmless(element);
      }
      chart.destroy();
    });
  },
);

function harmless(element: Element): void {
  expect(element.querySelectorAll("script, img, style, a, foreignObject, iframe")).toHaveLength(0);
  expect(element.querySelector("[data-oriel-twin] td")?.textContent).toBe(evil);
  expect(element.querySelector("[data-oriel-twin] caption")?.textContent).toBe(evil);
  for (const each of element.querySelectorAll("*")) {
    for (const { name } of each.attributes) expect(name).not.toMatch(/^on|href/);
  }
}

describe("renderToString", () => {
  it("draws the same on every call and needs no page", () => {
    const options = {
      chart: kinds[1] as Chart,
      result: data,
      title: "Title",
      theme: "dark",
      width: 300,
      height: 200,
    } as const;
    expect(renderToString(options)).toBe(renderToString(options));
    expect(renderToString(options)).toMatch(
      /^<div class="oriel-chart".* data-oriel-theme="dark">.*<svg .*<table .*<\/div>$/s,
    );
  });
});
