import { describe, expect, test } from "vitest";
import type { ContenderResult } from "../results.ts";
import { figureSpread, ratioSpread, spreadOf } from "./spread.ts";

function contender(rounds: ContenderResult["rounds"]): ContenderResult {
  return { name: "a", title: "A", mode: "m", loss: "power", caveat: "", n: 10, rounds };
}

describe("the rounds of a figure", () => {
  test("come to their median and their range", () => {
    expect(spreadOf([5, 1, 9])).toEqual({ median: 5, least: 1, most: 9, rounds: 3 });
  });

  test("do not count where it was not measured", () => {
    const some = contender([{ rate: 4 }, null, { p50Ms: 1 }, { rate: 6 }]);
    expect(figureSpread(some, "rate")).toMatchObject({ median: 5, rounds: 2 });
  });

  test("come to nothing when there is none", () => {
    expect(figureSpread(contender([null]), "rate")).toBeUndefined();
  });
});

describe("a ratio", () => {
  test("is taken round by round: the median of ratios, not the ratio of medians", () => {
    const ours = contender([{ rate: 100 }, { rate: 50 }, { rate: 10 }]);
    const theirs = contender([{ rate: 50 }, { rate: 10 }, { rate: 20 }]);
    expect(ratioSpread(ours, theirs, "rate")).toEqual({ median: 2, least: 0.5, most: 5, rounds: 3 });
  });

  test("needs both in the same round", () => {
    const ours = contender([{ rate: 100 }, null]);
    const theirs = contender([null, { rate: 10 }]);
    expect(ratioSpread(ours, theirs, "rate")).toBeUndefined();
  });

  test("to nothing is no ratio", () => {
    expect(ratioSpread(contender([{ early: 0 }]), contender([{ early: 0 }]), "early")).toBeUndefined();
  });
});
