import { expect, test } from "vitest";
import { escapeXml, plotRatios, type PlotRow } from "./svg.ts";

const ROW: PlotRow = { label: "enqueue", median: 1, least: 0.5, most: 2, wanted: 1.4, good: false };

test("a picture has a dot, a range and a mark for each row, and its text cannot break it", () => {
  const svg = plotRatios("a < b", [{ ...ROW, label: 'x & "y"' }]);
  expect(svg).toContain("a &lt; b");
  expect(svg).toContain("x &amp; &quot;y&quot;");
  expect(svg.match(/<circle /g)).toHaveLength(1);
  expect(svg.startsWith("<svg ") && svg.trimEnd().endsWith("</svg>")).toBe(true);
  expect(svg).not.toMatch(/NaN|Infinity/);
});

test("twice as much and half as much are equally far from 1", () => {
  const svg = plotRatios("", [ROW, { ...ROW, median: 2 }, { ...ROW, median: 0.5 }]);
  const [one = 0, twice = 0, half = 0] = [...svg.matchAll(/cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  expect(twice - one).toBeCloseTo(one - half, 0);
});

test("what cannot be drawn on such a scale is left out", () => {
  const svg = plotRatios("", [
    { ...ROW, least: 0 },
    { ...ROW, most: Infinity },
  ]);
  expect(svg).not.toContain("<circle");
});

test("text is escaped", () => {
  expect(escapeXml(`<a b="c">&`)).toBe("&lt;a b=&quot;c&quot;&gt;&amp;");
});
