import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "./codec.ts";
import { DEAD_LETTER_REASONS } from "./dead-letter-reason.ts";
import {
  decodeRunRecord,
  encodeRunRecord,
  isOutcome,
  type OutcomeRecord,
  type RunRecord,
} from "./run-record.ts";
import type { FailureTask } from "./run-header.ts";
import { UmbelError } from "./umbel-error.ts";

const OUTCOMES = ["succeeded", "failed", "cancelled", "expired"] as const;

const text = fc.string({ unit: "binary", maxLength: 30 });
const count = fc.nat({ max: 2 ** 48 });
const error = fc.record(
  {
    name: text,
    message: text,
    code: text,
    stack: text,
    cause: fc.record({ name: text, message: text }, plain()),
  },
  { requiredKeys: ["name", "message"], ...plain() },
);
const base = {
  task: text,
  queue: text,
  worker: text,
  attempt: count,
  starts: count,
  at: count,
  errors: fc.array(fc.record({ attempt: count, at: count, error }, plain()), { maxLength: 10 }),
};
const outcome = {
  ...base,
  state: fc.constantFrom(...OUTCOMES),
  fence: count,
  enqueuedAt: count,
  startedAt: count,
  result: fc.uint8Array(),
  deadLetter: fc.constantFrom(...DEAD_LETTER_REASONS),
  reason: text,
  onFailure: fc.constantFrom<FailureTask>(
    { task: "mail.sorry", queue: "mail" },
    { task: "mail.sorry", queue: "mail", priority: "high" },
  ),
};
const record: fc.Arbitrary<RunRecord> = fc.oneof(
  fc.record({ ...base, state: fc.constant("running" as const), lostStarts: count }, plain()),
  fc.record({ ...base, state: fc.constant("retrying" as const), dueAt: count }, plain()),
  fc.record({ ...base, state: fc.constant("queued" as const), since: count }, plain()),
  fc.record(outcome, {
    requiredKeys: [
      "task",
      "queue",
      "worker",
      "attempt",
      "starts",
      "at",
      "errors",
      "state",
      "fence",
      "enqueuedAt",
    ],
    ...plain(),
  }),
);

function plain(): { noNullPrototype: true } {
  return { noNullPrototype: true };
}

const sample: OutcomeRecord = {
  state: "failed",
  task: "media.thumbnail",
  queue: "media",
  worker: "host-1",
  attempt: 3,
  starts: 3,
  at: 1_795_000_000_500,
  errors: [
    { attempt: 3, at: 1_795_000_000_400, error: { name: "Error", message: "no such file", code: "ENOENT" } },
  ],
  fence: 7,
  enqueuedAt: 1_795_000_000_000,
  startedAt: 1_795_000_000_300,
  deadLetter: "exhausted",
};

describe("a run record", () => {
  test("of every state is read back as it was written", () => {
    fc.assert(
      fc.property(record, (value) => {
        expect(decodeRunRecord(encodeRunRecord(value))).toStrictEqual(value);
      }),
    );
  });

  test("is one MessagePack map, without the fields that are absent", () => {
    expect(decode(encodeRunRecord(sample))).toStrictEqual(sample);
    const { deadLetter: _deadLetter, ...without } = sample;
    expect(Object.keys(Object(decode(encodeRunRecord(without))))).not.toContain("deadLetter");
  });

  test("says whether it is an outcome", () => {
    fc.assert(
      fc.property(record, (value) => {
        expect(isOutcome(value)).toBe(OUTCOMES.some((state) => state === value.state));
      }),
    );
  });

  test("keeps the fields that this version knows, and leaves others to a newer one", () => {
    expect(decodeRunRecord(encode({ ...sample, mood: "good" }))).toStrictEqual(sample);
  });

  test("drops an optional field of a wrong type, rather than the outcome", () => {
    const odd = { ...sample, startedAt: Number.NaN, result: "text", deadLetter: "tired", reason: 5 };
    const { startedAt: _startedAt, deadLetter: _deadLetter, ...rest } = sample;
    expect(decodeRunRecord(encode(odd))).toStrictEqual(rest);
  });
});

describe("decodeRunRecord refuses", () => {
  test.each([
    ["a number", 5, /it is not a map/],
    ["null", null, /it is not a map/],
    ["an array", [sample], /it is not a map/],
    ["bytes", new Uint8Array(5), /it is not a map/],
    ["a Map", new Map(Object.entries(sample)), /it is not a map/],
    ["a Date", new Date(0), /it is not a map/],
    ["an empty map", {}, /task is not a text/],
    ["a text for a number", { ...sample, attempt: "3" }, /attempt is not a number/],
    ["an endless number", { ...sample, at: Number.POSITIVE_INFINITY }, /at is not a number/],
    ["a number for a text", { ...sample, worker: 5 }, /worker is not a text/],
    ["errors that are no array", { ...sample, errors: {} }, /errors is not an array/],
    [
      "an error that is no map",
      { ...sample, errors: [5] },
      /failed attempt is not readable: it is not a map/,
    ],
    ["an unknown state", { ...sample, state: "paused" }, /state "paused" is not known/],
    ["a state that is bytes", { ...sample, state: new Uint8Array(3) }, /state 3 bytes is not known/],
    ["the state of an id that is not known", { ...sample, state: "unknown" }, /state "unknown" is not known/],
    ["an outcome without a fence", { ...sample, fence: undefined }, /fence is not a number/],
    ["a claim without its lost starts", { ...sample, state: "running" }, /lostStarts is not a number/],
    ["a retry without a due time", { ...sample, state: "retrying" }, /dueAt is not a number/],
    ["a waiting run without a beginning", { ...sample, state: "queued" }, /since is not a number/],
  ])("%s", (_, value, message) => {
    expect(() => decodeRunRecord(encode(value))).toThrow(
      expect.objectContaining({ code: "undecodable", message: expect.stringMatching(message) }),
    );
  });

  test("any other bytes, and any other value in any field, with no other error", () => {
    const field = fc.constantFrom(...Object.keys({ ...sample, result: 1, reason: 1, dueAt: 1 }));
    const hostile = fc.oneof(
      fc.anything({ withMap: true, withSet: true, withTypedArray: true, withDate: true }),
      fc.constant({ toString: 1, valueOf: 1, message: { toString: null } }),
    );
    fc.assert(
      fc.property(field, hostile, (name, value) => {
        expect(outcomeOf({ ...sample, [name]: value })).toMatch(/^(?:read|undecodable|not_encodable)$/);
        expect(outcomeOf({ ...sample, errors: [{ attempt: 1, at: 1, error: value }] })).toMatch(
          /^(?:read|not_enc)/,
        );
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(codeOf(() => decodeRunRecord(bytes))).toBe("undecodable");
      }),
    );
  });

  function outcomeOf(value: unknown): string {
    return codeOf(() => decodeRunRecord(encode(value)));
  }

  function codeOf(action: () => unknown): string {
    try {
      action();
      return "read";
    } catch (reason) {
      if (reason instanceof UmbelError) return reason.code;
      throw reason;
    }
  }
});
