import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, expectTypeOf, test } from "vitest";
import { validate } from "./validate.ts";

type Result = StandardSchemaV1.Result<number>;

function schema(check: (value: unknown) => Result | Promise<Result>): StandardSchemaV1<unknown, number> {
  return { "~standard": { version: 1, vendor: "test", validate: check } };
}

const lengthOf = (value: unknown): Result =>
  typeof value === "string" ? { value: value.length } : { issues: [{ message: "expected a text" }] };
const now = schema(lengthOf);
const later = schema(async (value) => lengthOf(value));

const violation = (message: string, details: object): unknown =>
  expect.objectContaining({ code: "schema_violation", message, details: expect.objectContaining(details) });

describe("a value that fits its schema", () => {
  test("becomes what the schema makes of it, at once when the schema is synchronous", () => {
    expect(validate(now, "four", "input of t")).toBe(4);
    expectTypeOf(validate(now, "four", "input of t")).toEqualTypeOf<number | Promise<number>>();
  });

  test("becomes a promise of it when the schema is asynchronous", async () => {
    const result = validate(later, "four", "input of t");
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toBe(4);
  });
});

describe("a value that does not fit its schema", () => {
  const expected = violation(
    "input of media.thumbnail does not fit its schema: expected a text. Received 5.",
    { field: "input of media.thumbnail", issues: [{ path: "", message: "expected a text" }], received: "5" },
  );

  test("is refused at once when the schema is synchronous", () => {
    expect(() => validate(now, 5, "input of media.thumbnail")).toThrow(expected);
  });

  test("is refused later when the schema is asynchronous", async () => {
    await expect(validate(later, 5, "input of media.thumbnail")).rejects.toEqual(expected);
  });

  test("is refused with every issue and its path, however the schema spells paths", () => {
    const failing = schema(() => ({
      issues: [
        { message: "too small", path: ["size", { key: "width" }, 0] },
        { message: "odd", path: [Symbol("s")] },
        { message: "missing", path: [] },
      ],
    }));
    expect(() => validate(failing, { size: 1 }, "input")).toThrow(
      violation(
        'input does not fit its schema: size.width.0: too small; Symbol(s): odd; missing. Received {"size":1}.',
        {
          issues: [
            { path: "size.width.0", message: "too small" },
            { path: "Symbol(s)", message: "odd" },
            { path: "", message: "missing" },
          ],
        },
      ),
    );
  });

  test("is refused even when no issue says why", () => {
    expect(() =>
      validate(
        schema(() => ({ issues: [] })),
        1,
        "input",
      ),
    ).toThrow(/does not fit its schema/);
  });
});
