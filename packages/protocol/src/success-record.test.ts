import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encode } from "./codec.ts";
import { decodeRunRecord, encodeRunRecord, type OutcomeRecord } from "./run-record.ts";
import { encodeSuccess, isPlainSuccess, type PlainSuccess } from "./success-record.ts";

const text = fc.string({ unit: "binary", maxLength: 70 }).filter((value) => value.isWellFormed());
const number = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 1_795_460_880_000, -1, 1.5),
);
const result = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc.constantFrom(255, 256, 65_535, 65_536).map((size) => new Uint8Array(size).fill(7)),
);
const success = fc.record(
  {
    state: fc.constant("succeeded" as const),
    task: text,
    queue: text,
    worker: text,
    attempt: number,
    starts: number,
    at: number,
    errors: fc.constant([]),
    fence: number,
    enqueuedAt: number,
    startedAt: number,
    result,
  },
  {
    requiredKeys: [
      "state",
      "task",
      "queue",
      "worker",
      "attempt",
      "starts",
      "at",
      "errors",
      "fence",
      "enqueuedAt",
      "startedAt",
    ],
  },
);

test("a plain success has the very bytes that the general encoder makes", () => {
  fc.assert(
    fc.property(success, (record) => {
      expect(Buffer.from(encodeSuccess(record)).equals(encode(record))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("what has more to say is left to the general encoder", () => {
  const plain: PlainSuccess = {
    state: "succeeded",
    task: "t",
    queue: "q",
    worker: "w",
    attempt: 1,
    starts: 1,
    at: 3,
    errors: [],
    fence: 0,
    enqueuedAt: 1,
    startedAt: 2,
  };
  expect(isPlainSuccess(plain)).toBe(true);
  const error = { attempt: 1, at: 1, error: { name: "Error", message: "once" } };
  const others: OutcomeRecord[] = [
    { ...plain, errors: [error] },
    { ...plain, state: "failed" },
    { ...plain, reason: "r" },
    { ...plain, deadLetter: "exhausted" },
  ];
  for (const other of others) {
    expect(isPlainSuccess(other)).toBe(false);
    expect(decodeRunRecord(encodeRunRecord(other))).toEqual(other);
  }
  const { startedAt: _, ...unstarted } = plain;
  expect(isPlainSuccess(unstarted)).toBe(false);
});
