import { expect, test } from "vitest";
import { parseJson } from "../input/parse-json.ts";
import { prettyJson, renderJson } from "./json.ts";

const EVERYTHING = {
  text: "a",
  list: [1, null, true],
  when: new Date("2027-01-01T00:00:00Z"),
  big: 12_345_678_901_234_567_890n,
  bytes: new Uint8Array([0, 255, 7]),
  map: new Map<unknown, unknown>([[1n, new Set(["x"])]]),
  odd: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0],
  lookalike: { $date: "not a date" },
  twice: { $object: { $object: 1 } },
  two: { $date: 1, other: 2 },
};

test("what a handler returned is rendered as JSON without loss", () => {
  const text = renderJson(EVERYTHING);
  expect(() => JSON.parse(text)).not.toThrow();
  expect(parseJson(text, "--input")).toEqual(EVERYTHING);
  expect(parseJson(prettyJson(EVERYTHING), "--input")).toEqual(EVERYTHING);
});

test("every kind of value has its tag", () => {
  expect(renderJson(1n)).toBe('{"$bigint":"1"}');
  expect(renderJson(new Date(0))).toBe('{"$date":"1970-01-01T00:00:00.000Z"}');
  expect(renderJson(new Uint8Array([104, 105]))).toBe('{"$bytes":"aGk="}');
  expect(renderJson(new Map([["a", 1]]))).toBe('{"$map":[["a",1]]}');
  expect(renderJson(new Set([1]))).toBe('{"$set":[1]}');
  expect(renderJson(Number.NaN)).toBe('{"$number":"NaN"}');
  expect(renderJson(undefined)).toBe("null");
});

test("for people, what fits into a line stays in one", () => {
  expect(prettyJson({ a: 1, b: [2, 3] })).toBe('{"a":1,"b":[2,3]}');
  const long = "x".repeat(60);
  expect(prettyJson({ first: [long, long], second: { a: 1 }, none: {} })).toBe(
    `{\n  "first": [\n    "${long}",\n    "${long}"\n  ],\n  "second": {"a":1},\n  "none": {}\n}`,
  );
});
