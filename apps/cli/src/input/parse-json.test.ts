import { expect, test } from "vitest";
import { parseJson } from "./parse-json.ts";

const parse = (text: string): unknown => parseJson(text, "--input");

test("JSON is read, tagged values inside it too", () => {
  expect(parse('{"a":[1,"x",null],"b":{"$date":"2027-01-01T00:00:00Z"}}')).toEqual({
    a: [1, "x", null],
    b: new Date("2027-01-01T00:00:00Z"),
  });
});

test("text that is no JSON names the flag, the place and how to quote", () => {
  expect(() => parse("{a:1}")).toThrow(/^--input: not JSON: .*position 1.*Quote it for the shell/);
  expect(() => parse('{"a":')).toThrow(/^--input: not JSON: /);
  expect(() => parse("hello")).toThrow(/Quote it/);
});

test("a whole number that would be rounded is refused, with what to write instead", () => {
  expect(() => parse('{"id":9007199254740993}')).toThrow('{"$bigint":"9007199254740993"}');
  expect(() => parse("[-9007199254740993]")).toThrow(/at most 2\^53/);
  expect(parse('["9007199254740993", 1.5e300, 9007199254740991]')).toEqual([
    "9007199254740993",
    1.5e300,
    9_007_199_254_740_991,
  ]);
});

test.each([
  '{"$bigint":"1.5"}',
  '{"$bigint":1}',
  '{"$date":"yesterday"}',
  '{"$bytes":"*"}',
  '{"$map":[[1]]}',
  '{"$set":{}}',
  '{"$number":"12"}',
  '{"$object":1}',
])("content that does not fit its tag is refused: %s", (text) => {
  expect(() => parse(text)).toThrow(/^--input: expected .*\{"\$object":/);
});
