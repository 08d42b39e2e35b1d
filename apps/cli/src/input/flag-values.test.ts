import { InvalidArgumentError } from "commander";
import { describe, expect, test } from "vitest";
import {
  duration,
  headerPair,
  nameList,
  positiveDuration,
  replicas,
  waitLimit,
  wholeNumber,
} from "./flag-values.ts";

describe("durations", () => {
  test("have a unit", () => {
    expect(duration("250ms")).toBe(250);
    expect(positiveDuration("1.5s")).toBe(1_500);
    expect(duration("0s")).toBe(0);
  });

  test.each(["30", "soon", "", "-1s"])("%j is none", (text) => {
    expect(() => duration(text)).toThrow(InvalidArgumentError);
  });

  test("of nothing are refused where something must pass", () => {
    expect(() => positiveDuration("0s")).toThrow(InvalidArgumentError);
  });
});

test("what --wait has eaten is told how to get out", () => {
  expect(waitLimit("10s")).toBe(10_000);
  expect(() => waitLimit("math.add")).toThrow("put --wait last");
});

test("whole numbers keep to their range", () => {
  const percent = wholeNumber(1, 100);
  expect(percent("100")).toBe(100);
  for (const text of ["0", "101", "1.5", "1e1", "x", ""])
    expect(() => percent(text)).toThrow("from 1 to 100");
});

test("names are separated by commas", () => {
  expect(nameList("a, b,")).toEqual(["a", "b"]);
  expect(() => nameList(" ,")).toThrow(InvalidArgumentError);
});

test("headers add up, and a value may hold an equals sign", () => {
  expect(headerPair("b=c=d", headerPair("a=1"))).toEqual({ a: "1", b: "c=d" });
  expect(headerPair("empty=")).toEqual({ empty: "" });
  for (const text of ["novalue", "=x"]) expect(() => headerPair(text)).toThrow(InvalidArgumentError);
});

test("a stream has 1, 3 or 5 copies", () => {
  expect(replicas("3")).toBe(3);
  expect(() => replicas("2")).toThrow("1, 3 or 5");
});
