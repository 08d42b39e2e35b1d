import { expect, test } from "vitest";
import { createPaint } from "./colour.ts";
import { fields, indented, table, wrapped } from "./table.ts";

test("columns are as wide as their widest cell, whatever its colour", () => {
  const paint = createPaint(true);
  const text = table([
    ["a", paint("good", "ok"), "one"],
    ["long", "warn", "two\nthree"],
  ]);
  expect(text).toBe(`a     ${paint("good", "ok")}    one\nlong  warn  two\n            three`);
});

test("no line ends with spaces", () => {
  expect(
    table([
      ["a", ""],
      ["bb", "x"],
    ]),
  ).toBe("a\nbb  x");
});

test("fields without a value are left out", () => {
  expect(
    fields(
      [
        ["run", "1"],
        ["due", undefined],
        ["state", "ok"],
      ],
      (label) => label,
    ),
  ).toBe("run    1\nstate  ok");
});

test("text is wrapped between words, and long words stay whole", () => {
  expect(wrapped("one two three\nfour", 8)).toBe("one two\nthree\nfour");
  expect(wrapped("extraordinarily long", 4)).toBe("extraordinarily\nlong");
  expect(wrapped("any width", Number.POSITIVE_INFINITY)).toBe("any width");
});

test("empty lines are not indented", () => {
  expect(indented("a\n\nb", "  ")).toBe("  a\n\n  b");
});
