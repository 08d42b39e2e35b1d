import { describe, expect, test } from "vitest";
import type { ContenderResult, Results } from "../results.ts";
import { formatMarkdown, formatSpread, markdownTable } from "./markdown.ts";

function contender(
  name: string,
  rates: readonly number[],
  more: Partial<ContenderResult> = {},
): ContenderResult {
  const rounds = rates.map((rate) => ({ rate }));
  return { name, title: name, mode: "a mode", loss: "power", caveat: "", n: 100, rounds, ...more };
}

const RESULTS: Results = {
  startedAt: "2026-01-01T00:00:00Z",
  machine: { cores: 2 },
  versions: { redis: "7" },
  matches: [
    {
      name: "enqueue",
      about: "about it",
      figures: [{ figure: "rate", better: "more" }],
      contenders: [
        contender("umbel 1s", [3_000, 4_000, 5_000]),
        contender("bullmq everysec", [2_000, 2_000, 2_000]),
        contender("bullmq none", [4_000, 4_000, 4_000], { mode: "no persistence", loss: "crash" }),
      ],
      load: [0.5],
    },
  ],
  missing: { celery: "install it" },
  failures: ["something"],
};

describe("the report", () => {
  const text = formatMarkdown(RESULTS);
  const rowOf = (start: string): string | undefined =>
    text.split("\n").find((line) => line.startsWith(`| ${start}`));

  test("has median, range, ratio, durability, and the rounds beside every number", () => {
    expect(rowOf("umbel 1s")).toMatch(/a mode +\| 4,000 \(3,000 – 5,000\) +\| +\| +\| 3 × 100/);
    expect(rowOf("bullmq everysec")).toMatch(/2,000 \(2,000 – 2,000\) +\| 2 \(1.5 – 2.5\) +\| equal/);
  });

  test("says in the same row that a pair is unequal", () => {
    expect(rowOf("bullmq none")).toMatch(/no persistence .* 1 \(0.75 – 1.25\) .* UNEQUAL, ours is safer/);
  });

  test("judges the targets, and has what was not measured and what failed", () => {
    expect(text).toMatch(/enqueue +\| rate +\| bullmq everysec +\| 2 \(1.5 – 2.5\) +\| ≥ 1.4 +\| held/);
    expect(text).toContain("- celery: install it");
    expect(text).toContain("- something");
  });
});

test("a table is aligned, and what is in it cannot break it", () => {
  expect(
    markdownTable([
      ["a", "long"],
      ["x|y", ""],
    ]),
  ).toEqual([String.raw`| a    | long |`, "| ---- | ---- |", String.raw`| x\|y |      |`]);
});

test("one round has no range, and none is no number", () => {
  expect(formatSpread({ median: 1.5, least: 1.5, most: 1.5, rounds: 1 })).toBe("1.5");
  expect(formatSpread(undefined)).toBe("–");
});
