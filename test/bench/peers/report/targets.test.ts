import { expect, test } from "vitest";
import { contenderNamed } from "../contenders/contender-list.ts";
import { MATCHES } from "../matches/match-list.ts";
import type { MatchResult } from "../results.ts";
import { describeTarget, judgeTargets, TARGETS, withTargets, type Target } from "./targets.ts";

function match(rates: Readonly<Record<string, readonly number[]>>): MatchResult {
  const contenders = Object.entries(rates).map(([name, values]) => ({
    name,
    title: name,
    mode: "m",
    loss: "power" as const,
    caveat: "",
    n: 10,
    rounds: values.map((rate) => ({ rate })),
  }));
  return { name: "enqueue", about: "", figures: [{ figure: "rate", better: "more" }], contenders, load: [] };
}

const matches = [match({ "umbel 1s": [30, 20], "raw 1s": [40, 40], "bullmq everysec": [10, 10] })];
const verdictOf = (target: Partial<Target>): string | undefined =>
  judgeTargets({ matches }, [{ match: "enqueue", figure: "rate", against: "raw 1s", ...target }])[0]?.verdict;

test("a target is judged by the median of the ratios", () => {
  expect(verdictOf({ least: 0.625 })).toBe("held");
  expect(verdictOf({ least: 0.63 })).toBe("missed");
  expect(verdictOf({ most: 0.6 })).toBe("missed");
});

test("a target may speak of our figure alone", () => {
  expect(verdictOf({ against: undefined, least: 25 })).toBe("held");
  expect(verdictOf({ against: undefined, most: 24 })).toBe("missed");
});

test("who was not measured is neither held nor missed; a match that was not is not told", () => {
  expect(verdictOf({ against: "celery everysec", least: 1 })).toBe("not measured");
  expect(verdictOf({ match: "delayed", least: 1 })).toBeUndefined();
});

test("every target speaks of a match, a figure of it and a contender of it", () => {
  const unknown = TARGETS.filter(({ match: name, figure, against = "" }) => {
    const found = MATCHES.find((one) => one.name === name);
    const known = [...(found?.contenders ?? []), ""];
    return found?.figures.every((one) => one.figure !== figure) !== false || !known.includes(against);
  });
  expect(unknown).toEqual([]);
});

test("every match is between contenders that exist, and is called by one name", () => {
  for (const { contenders } of MATCHES)
    expect(contenders.map(contenderNamed)).toHaveLength(contenders.length);
  expect(new Set(MATCHES.map(({ name }) => name)).size).toBe(MATCHES.length);
});

test("only what targets speak of can be measured: matches, and contenders beside ours", () => {
  const targets = [{ match: "drain-1", figure: "rate", against: "raw 1s", least: 1 }];
  expect(withTargets(MATCHES, targets).map(({ name, contenders }) => [name, contenders])).toEqual([
    ["drain-1", ["umbel 1s", "raw 1s"]],
  ]);
});

test("a target is told in words", () => {
  expect(describeTarget({ match: "m", figure: "f", against: undefined, least: 1.4 })).toBe("≥ 1.4");
  expect(describeTarget({ match: "m", figure: "f", against: undefined, most: 1 / 0.9 })).toBe("≤ 1.11");
});
