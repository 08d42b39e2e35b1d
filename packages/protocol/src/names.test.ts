import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkMeshName,
  checkQueueName,
  checkRunId,
  checkTaskName,
  decodeToken,
  encodeToken,
  isMeshName,
  isQueueName,
  isRunId,
  isTaskName,
} from "./names.ts";

const anyText = fc.string({ unit: "binary" });

describe("a text as one subject token", () => {
  test("comes back as it was, whatever it was", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeToken(encodeToken(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test("never holds what NATS gives a meaning to, and is never empty", () => {
    const awkward = fc.string({
      unit: fc.constantFrom(".", "*", ">", " ", "\t", "\r", "\n", "$", "=", "~", "a"),
    });
    fc.assert(
      fc.property(fc.oneof(anyText, awkward), (text) => {
        expect(encodeToken(text)).toMatch(/^[A-Za-z0-9_~=-]+$/);
      }),
      { numRuns: 1_000 },
    );
  });

  test("differs from the token of every other text", () => {
    const close = fc.string({ unit: fc.constantFrom("a", ".", "~", "=", "%", "2", "E", "é"), maxLength: 6 });
    fc.assert(
      fc.property(close, close, (one, other) => {
        expect(encodeToken(one) === encodeToken(other)).toBe(one === other);
      }),
      { numRuns: 1_000 },
    );
  });

  test("reads like the name itself where it can", () => {
    expect(encodeToken("media.thumbnail")).toBe("media~thumbnail");
    expect(encodeToken("a-b_C9")).toBe("a-b_C9");
    expect(encodeToken("x:y/z~é")).toBe("x=3Ay=2Fz=7E=C3=A9");
    expect(encodeToken("")).toBe("=");
  });

  test("is the only token that is read as that text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "~", "=", "4", "1", "C", "3", "A", "9") }),
        (token) => {
          const text = decodeToken(token);
          fc.pre(text !== undefined);
          expect(encodeToken(text)).toBe(token);
        },
      ),
    );
  });

  test.each([
    ["no token", ""],
    ["a dot", "a.b"],
    ["a wildcard", "*"],
    ["white space", "a b"],
    ["an escape cut off", "a=4"],
    ["an escape in lower case", "=c3=a9"],
    ["an escape of a letter that needs none", "=41"],
    ["an escape that is not UTF-8", "=FF"],
    ["half an escape of UTF-8", "=C3"],
    ["a surrogate in UTF-8", "=ED=A0=80"],
    ["a percent sign", "%41"],
  ])("decodeToken refuses %s", (_, token) => {
    expect(decodeToken(token)).toBeUndefined();
  });

  test("half a surrogate pair, which has no UTF-8 form, becomes the replacement character", () => {
    expect(decodeToken(encodeToken("a\ud800"))).toBe("a\ufffd");
  });
});

describe.each([
  {
    check: checkTaskName,
    is: isTaskName,
    field: "task",
    good: ["a", "media.thumbnail", "a/b:c_d-e.F9", "x".repeat(128)],
    bad: ["", ".", "a.", ".a", "a..b", "a b", "ä", "a;b", "a\n", "x".repeat(129)],
  },
  {
    check: checkQueueName,
    is: isQueueName,
    field: "queue",
    good: ["a", "9", "media_high-1", "x".repeat(64)],
    bad: ["", "_a", "-a", "a.b", "a*", ">", "a\n", "ä", "x".repeat(65)],
  },
  {
    check: checkMeshName,
    is: isMeshName,
    field: "mesh",
    good: ["a", "umbel", "team-7", "x".repeat(32)],
    bad: ["", "Umbel", "7a", "-a", "a_b", "a.b", "a\n", "x".repeat(33)],
  },
  {
    check: checkRunId,
    is: isRunId,
    field: "runId",
    good: ["a", "_", "-", "order-4711", "x".repeat(64)],
    bad: ["", "a.b", "a b", "*", "a;b", "a\n", "ä", "x".repeat(65)],
  },
])("$field", ({ check, is, field, good, bad }) => {
  test.each(good)("%j is accepted as it is", (name) => {
    expect(check(name)).toBe(name);
    expect(is(name)).toBe(true);
  });

  test.each(bad)("%j is refused with field, value and what is expected", (name) => {
    expect(is(name)).toBe(false);
    expect(() => check(name)).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        message: expect.stringContaining(`${field}: expected`),
        details: expect.objectContaining({
          field,
          received: expect.any(String),
          expected: expect.any(String),
        }),
      }),
    );
  });

  test.each([undefined, null, 7, ["a"], {}])("%j is refused, because it is no text", (value) => {
    expect(() => check(value, "option")).toThrow(/^option: expected/);
  });

  test("whatever is accepted is one subject token, or one with its dots encoded", () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom("a", "-", "_", ".", "*", " ") })),
        (name) => {
          fc.pre(is(name));
          expect(encodeToken(name)).toMatch(/^[A-Za-z0-9_~=-]+$/);
          expect(name.includes(".")).toBe(field === "task" && name.includes("."));
        },
      ),
    );
  });
});
