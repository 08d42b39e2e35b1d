import * as fc from "fast-check";
import { describe as suite, expect, test } from "vitest";
import { ERROR_CODES, isErrorCode } from "./error-code.ts";
import { describe, invalidArgument, UmbelError } from "./umbel-error.ts";

suite("an UmbelError", () => {
  test("carries code, message, details and cause", () => {
    const cause = new Error("why");
    const error = new UmbelError("storage_full", "no space", { cause, details: { bytes: 5 } });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "UmbelError", code: "storage_full", message: "no space", cause });
    expect(error.details).toStrictEqual({ bytes: 5 });
    expect(`${error}`).toBe("UmbelError: no space");
  });

  test("has empty details and no cause of its own unless they are given", () => {
    const error = new UmbelError("internal", "odd");
    expect(error.details).toStrictEqual({});
    expect(Object.hasOwn(error, "cause")).toBe(false);
    expect(Object.hasOwn(new UmbelError("internal", "odd", { cause: undefined }), "cause")).toBe(true);
  });

  test("says whether the same call may succeed later", () => {
    expect(new UmbelError("cannot_connect", "x").retryable).toBe(true);
    expect(new UmbelError("invalid_argument", "x").retryable).toBe(false);
  });

  test("is told from others, by code if wanted", () => {
    const error = new UmbelError("run_unknown", "x");
    expect(UmbelError.is(error)).toBe(true);
    expect(UmbelError.is(error, "run_unknown")).toBe(true);
    expect(UmbelError.is(error, "run_failed")).toBe(false);
    expect(UmbelError.is(new Error("x"))).toBe(false);
  });

  test("made from one is that one", () => {
    const error = new UmbelError("run_unknown", "x");
    expect(UmbelError.from(error, "broker_error")).toBe(error);
  });

  const throwing = Object.defineProperty(new Error("x"), "message", {
    get: () => {
      throw new Error("no");
    },
  });

  test.each([
    ["an error", new TypeError("boom"), "boom"],
    ["a text", "boom", "boom"],
    ["undefined", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an object without text", Object.create(null), "object that has no text"],
    [
      "an error whose message is no text",
      Object.assign(new Error(), { message: Object.create(null) }),
      "object that has no text",
    ],
    ["an error whose message throws", throwing, "an error that cannot be read"],
  ])("made from %s has it as its cause", (_, reason, message) => {
    const error = UmbelError.from(reason);
    expect(error).toMatchObject({ code: "internal", message });
    expect(error.cause).toBe(reason);
    expect(UmbelError.from(reason, "handler_failed").code).toBe("handler_failed");
  });
});

suite("an invalid argument", () => {
  test("names the field, the value received, what is accepted and the fix", () => {
    const error = invalidArgument({ field: "task.name", received: 5, expected: "a text", fix: "Quote it." });
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toBe("task.name: expected a text, received 5. Quote it.");
    expect(error.details).toStrictEqual({
      field: "task.name",
      received: "5",
      expected: "a text",
      fix: "Quote it.",
    });
  });

  test("has no fix when it is obvious", () => {
    const error = invalidArgument({ field: "n", received: null, expected: "a number" });
    expect(error.message).toBe("n: expected a number, received null.");
    expect(error.details).toStrictEqual({ field: "n", received: "null", expected: "a number" });
  });
});

suite("a value shown in a message", () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();

  test.each([
    ["text", '"text"'],
    ["two\nlines", '"two\\nlines"'],
    [5n, "5n"],
    [Symbol("s"), "Symbol(s)"],
    [undefined, "undefined"],
    [null, "null"],
    [function work(): void {}, "function work"],
    [() => 1, "function (anonymous)"],
    [new Uint8Array(9), "9 bytes"],
    [{ a: [1] }, '{"a":[1]}'],
    [cyclic, "[object Object]"],
    [{ big: 5n }, "[object Object]"],
    [{ toJSON: (): undefined => undefined }, "[object Object]"],
  ])("is short text (%#)", (value, shown) => {
    expect(describe(value)).toBe(shown);
  });

  test("is said not to be one when it cannot be read", () => {
    expect(describe(revoked)).toBe("object that cannot be shown");
  });

  test("is never more than a line of 121 characters, and showing it never throws", () => {
    const awkward = fc.oneof(
      fc.anything({ withBigInt: true, withNullPrototype: true, withMap: true, withTypedArray: true }),
      fc.string({ unit: fc.constantFrom("\n", "\r", "\u2028", "x"), minLength: 100 }),
      fc.string({ unit: fc.constantFrom("\n", "x") }).map((text) => Symbol(text)),
    );
    fc.assert(
      fc.property(awkward, (value) => {
        expect(describe(value)).toMatch(/^[^\r\n\u2028\u2029]{0,121}$/);
      }),
      { numRuns: 500 },
    );
  });
});

suite("error codes", () => {
  test("are a closed set, and names of Object are none of them", () => {
    expect(Object.keys(ERROR_CODES).every(isErrorCode)).toBe(true);
    expect(["", "ENOENT", "toString", "__proto__", undefined, 5].some(isErrorCode)).toBe(false);
  });
});
