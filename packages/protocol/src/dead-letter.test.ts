import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_ERRORS } from "./attempt-error.ts";
import { decode, encode } from "./codec.ts";
import { DEAD_LETTER_REASONS, isDeadLetterReason } from "./dead-letter-reason.ts";
import { decodeDeadLetter, encodeDeadLetter, type DeadLetter } from "./dead-letter.ts";
import { UmbelError } from "./umbel-error.ts";

const plain = { noNullPrototype: true } as const;
const text = fc.string({ unit: "binary", maxLength: 30 });
const count = fc.nat({ max: 2 ** 48 });
const letter: fc.Arbitrary<DeadLetter> = fc.record(
  {
    reason: fc.constantFrom(...DEAD_LETTER_REASONS),
    at: count,
    attempts: count,
    starts: count,
    errors: fc.array(
      fc.record({ attempt: count, at: count, error: fc.record({ name: text, message: text }, plain) }, plain),
      { maxLength: MAX_ERRORS },
    ),
    subject: text,
    headers: fc.dictionary(
      text.filter((name) => name !== "__proto__"),
      text,
      plain,
    ),
    body: fc.uint8Array(),
  },
  plain,
);

const sample: DeadLetter = {
  reason: "undecodable",
  at: 5,
  attempts: 0,
  starts: 0,
  errors: [],
  subject: "umbel.T.media.n.media~thumbnail.r1",
  headers: { Umbel: "7;?", tenant: "acme" },
  body: new Uint8Array([0xc1]),
};

describe("a dead letter", () => {
  test("is read back as it was written, the original message included", () => {
    fc.assert(
      fc.property(letter, (value) => {
        expect(decodeDeadLetter(encodeDeadLetter(value))).toStrictEqual(value);
      }),
    );
  });

  test("is one MessagePack map", () => {
    expect(decode(encodeDeadLetter(sample))).toStrictEqual(sample);
  });

  test("can be written for any message: a header that no map may hold is left out", () => {
    const headers = Object.fromEntries([
      ["__proto__", "x"],
      ["tenant", "acme"],
    ]);
    const read = decodeDeadLetter(encodeDeadLetter({ ...sample, headers }));
    expect(read.headers).toStrictEqual({ tenant: "acme" });
  });

  test("without headers, or with ones that are no texts, can still be looked at", () => {
    expect(decodeDeadLetter(encode({ ...sample, headers: undefined })).headers).toStrictEqual({});
    expect(decodeDeadLetter(encode({ ...sample, headers: ["x"] })).headers).toStrictEqual({});
    const headers = { a: 5, b: { toString: 1, valueOf: 1 } };
    expect(decodeDeadLetter(encode({ ...sample, headers })).headers).toStrictEqual({
      a: "5",
      b: "object that has no text",
    });
  });
});

describe("decodeDeadLetter refuses", () => {
  test.each([
    ["what is no map", [sample], /the dead letter is not readable: it is not a map/],
    ["a letter without a reason", { ...sample, reason: undefined }, /reason is not a text/],
    ["an unknown reason", { ...sample, reason: "tired" }, /reason "tired" is not known/],
    ["a letter without a subject", { ...sample, subject: 5 }, /subject is not a text/],
    ["a letter without a body", { ...sample, body: "text" }, /body is not bytes/],
    ["a letter without a time", { ...sample, at: { valueOf: 1, toString: 1 } }, /at is not a number/],
    ["attempts that are no number", { ...sample, attempts: Number.NaN }, /attempts is not a number/],
    ["starts that are no number", { ...sample, starts: "1" }, /starts is not a number/],
    ["errors that are no array", { ...sample, errors: null }, /errors is not an array/],
  ])("%s", (_, value, message) => {
    expect(() => decodeDeadLetter(encode(value))).toThrow(
      expect.objectContaining({ code: "undecodable", message: expect.stringMatching(message) }),
    );
  });

  test("anything else with no other error", () => {
    const hostile = fc.anything({ withMap: true, withSet: true, withTypedArray: true, withDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(sample)), hostile, (name, value) => {
        expect(outcomeOf({ ...sample, [name]: value })).toMatch(/^(?:read|undecodable|not_encodable)$/);
      }),
      { numRuns: 1_000 },
    );
  });

  function outcomeOf(value: unknown): string {
    try {
      decodeDeadLetter(encode(value));
      return "read";
    } catch (reason) {
      if (reason instanceof UmbelError) return reason.code;
      throw reason;
    }
  }
});

test("a dead letter's reason is one of a closed set", () => {
  expect(DEAD_LETTER_REASONS.every(isDeadLetterReason)).toBe(true);
  expect(["", "tired", undefined, 5].some(isDeadLetterReason)).toBe(false);
});
