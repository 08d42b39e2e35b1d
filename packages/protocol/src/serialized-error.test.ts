import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "./codec.ts";
import {
  errorCodeOf,
  readSerializedError,
  serializeError,
  type SerializedError,
} from "./serialized-error.ts";
import { UmbelError } from "./umbel-error.ts";

const depthOf = (error: SerializedError): number =>
  error.cause === undefined ? 1 : 1 + depthOf(error.cause);

describe("an error as data", () => {
  test("keeps name, message, code, stack and cause", () => {
    const cause = Object.assign(new TypeError("no such file"), { code: "ENOENT" });
    const error = new UmbelError("handler_failed", "it failed", { cause });
    expect(serializeError(error)).toStrictEqual({
      name: "UmbelError",
      message: "it failed",
      code: "handler_failed",
      stack: error.stack,
      cause: { name: "TypeError", message: "no such file", code: "ENOENT", stack: cause.stack },
    });
  });

  test("survives the wire", () => {
    const sent = serializeError(new Error("outer", { cause: new Error("inner") }));
    expect(readSerializedError(decode(encode(sent)))).toStrictEqual(sent);
  });

  test("holds no more than so many characters of each part, and says so", () => {
    const error = Object.assign(new Error("m".repeat(5_000)), {
      name: "n".repeat(500),
      code: "c".repeat(500),
      stack: "s".repeat(9_000),
    });
    const { name, message, code = "", stack = "" } = serializeError(error);
    expect([name, message, code, stack].map((part) => part.length)).toEqual([200, 1_000, 200, 2_000]);
    for (const part of [name, message, code, stack]) expect(part.endsWith("…")).toBe(true);
  });

  test("follows three causes, also when they go in a circle", () => {
    const one = new Error("one");
    const two = new Error("two", { cause: one });
    one.cause = two;
    expect(depthOf(serializeError(one))).toBe(4);
  });

  test("reads the plain objects that some libraries throw", () => {
    expect(serializeError({ code: "E_FULL", message: "disk full" })).toStrictEqual({
      name: "Error",
      message: "disk full",
      code: "E_FULL",
    });
  });

  test("has no code or stack unless they are texts", () => {
    const error = Object.assign(new Error("x"), { code: 5, stack: ["frame"] });
    expect(serializeError(error)).toStrictEqual({ name: "Error", message: "x" });
  });
});

describe("whatever was thrown becomes an error", () => {
  const throws = (): never => {
    throw new Error("no");
  };
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();

  test.each([
    ["a text", "boom", "boom"],
    ["a number", 5, "5"],
    ["a bigint", 5n, "5"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["an object", { status: 404 }, '{"status":404}'],
    ["an object without a prototype", Object.create(null), "{}"],
    ["an object whose toString throws", { toString: throws }, "{}"],
    [
      "an error whose message is an object",
      Object.assign(new Error(), { message: { status: 404 } }),
      '{"status":404}',
    ],
    ["an error whose message is undefined", Object.assign(new Error("x"), { message: undefined }), ""],
    [
      "an error whose message throws",
      Object.defineProperty(new Error("x"), "message", { get: throws }),
      "an error that cannot be read",
    ],
    ["a proxy that was revoked", revoked, "an error that cannot be read"],
  ])("%s", (_, thrown, message) => {
    expect(serializeError(thrown)).toMatchObject({ name: "Error", message });
  });

  test("and serializeError never throws, nor gives more than it may", () => {
    const anyError = fc
      .record({
        name: fc.anything(),
        message: fc.anything(),
        code: fc.anything(),
        stack: fc.anything(),
        cause: fc.anything(),
      })
      .map((fields) => Object.assign(new Error("x"), fields));
    fc.assert(
      fc.property(
        fc.oneof(fc.anything({ withNullPrototype: true, withBigInt: true }), anyError),
        (thrown) => {
          const sent = serializeError(thrown);
          expect(encode(sent).byteLength).toBeLessThan(100_000);
          expect(readSerializedError(decode(encode(sent)))).toStrictEqual(sent);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a foreign error", () => {
  test.each([
    [undefined, { name: "Error", message: "undefined" }],
    ["boom", { name: "Error", message: "boom" }],
    [{}, { name: "Error", message: "" }],
    [[1], { name: "Error", message: "[1]" }],
    [
      { name: 5, message: 6, code: 7, stack: 8 },
      { name: "Error", message: "6" },
    ],
    [
      { message: "m", cause: "why" },
      { name: "Error", message: "m", cause: { name: "Error", message: "why" } },
    ],
  ])("%j is read as one that says so", (value, error) => {
    expect(readSerializedError(value)).toStrictEqual(error);
  });

  test("is as bounded as our own", () => {
    let value: unknown = "root";
    for (let depth = 0; depth < 50; depth++) value = { name: "E", message: "m".repeat(9_000), cause: value };
    const read = readSerializedError(value);
    expect(depthOf(read)).toBe(4);
    expect(read.message).toHaveLength(1_000);
  });
});

test("the code of an error is an Umbel code, or none", () => {
  expect(errorCodeOf({ name: "E", message: "", code: "run_expired" })).toBe("run_expired");
  expect(errorCodeOf({ name: "E", message: "", code: "ENOENT" })).toBeUndefined();
  expect(errorCodeOf({ name: "E", message: "", code: "toString" })).toBeUndefined();
  expect(errorCodeOf({ name: "E", message: "" })).toBeUndefined();
});
