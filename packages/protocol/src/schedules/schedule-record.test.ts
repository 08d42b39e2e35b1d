import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "../codec.ts";
import { exponential, fixed } from "../retry-policy.ts";
import { UmbelError } from "../umbel-error.ts";
import {
  decodeScheduleRecord,
  encodeDefinition,
  encodeScheduleRecord,
  type ScheduleRecord,
} from "./schedule-record.ts";
import { definition, record } from "./schedule.test.helper.ts";

const whole: ScheduleRecord = record(
  {
    rule: { kind: "cron", cron: "0 22 * * *", timeZone: "Asia/Ho_Chi_Minh", gap: "after", repeat: "first" },
    start: 1,
    end: 2,
    run: {
      task: "mail.night",
      queue: "mail",
      priority: "high",
      input: new Uint8Array([1, 2, 3]),
      taskExpiresMs: 1,
      taskDeadlineMs: 2,
      onFailure: { task: "mail.failed", queue: "mail" },
      onRetry: "allow-reorder",
      key: "k",
      retry: { maxAttempts: Infinity, backoff: exponential({ base: "1s" }), maxElapsedMs: 5 },
      timeoutMs: 3,
      deadlineMs: 4,
      resultTtlMs: 5,
      ignoreResult: true,
      headers: { tenant: "acme" },
      tags: ["a", "b"],
    },
    catchUp: "all",
    catchUpLimit: 7,
    overlap: "queue",
    expiresMs: 8,
    jitterMs: 9,
    maxRuns: 10,
    description: "every night",
  },
  {
    version: 3,
    changedBy: "ada",
    paused: { at: 5, reason: "moving", by: "ada" },
    source: "code",
    declared: "0123",
    pending: [{ runId: "x", kind: "by-hand", fireAt: 1, at: 2 }],
    runs: [
      { runId: "x", kind: "on-time", fireAt: 1, at: 2, state: "failed" },
      { runId: "y", kind: "caught-up", fireAt: 1, at: 2, state: "unknown" },
    ],
    missed: [{ why: "overlap", fireAt: 3, count: 4 }],
  },
);

function defined(changes: object): object {
  return { ...record(), definition: { ...definition(), ...changes } };
}

describe("a record", () => {
  test.each([
    ["with everything", whole],
    ["with nothing", record()],
    ["with a fixed backoff", record({ run: { ...definition().run, retry: { backoff: fixed("5s") } } })],
    ["of a moment", record({ rule: { kind: "at", at: 5 } })],
    ["of the sun", record({ rule: { kind: "solar", event: "sunset", latitude: 1.5, longitude: -2 } })],
  ])("%s comes back as it was", (_, one) => {
    expect(decodeScheduleRecord(encodeScheduleRecord(one))).toEqual(one);
  });

  test("of a newer version may say more", () => {
    expect(decodeScheduleRecord(encode({ ...record(), more: 1 }))).toEqual(record());
  });

  test.each([
    ["no map", 5],
    ["no definition", { ...record(), definition: undefined }],
    ["a rule that is not known", defined({ rule: { kind: "never" } })],
    [
      "a cron expression that is none",
      record({ rule: { kind: "cron", cron: "x", timeZone: "UTC", gap: "after", repeat: "first" } }),
    ],
    [
      "a zone that is none",
      record({ rule: { kind: "cron", cron: "@daily", timeZone: "Mars", gap: "after", repeat: "first" } }),
    ],
    ["an interval of nothing", record({ rule: { kind: "every", everyMs: 0 } })],
    ["a policy that is not known", defined({ overlap: "twice" })],
    ["a run without an id", { ...record(), runs: [{ kind: "on-time", fireAt: 1, at: 2 }] }],
    ["a priority that is none", defined({ run: { ...definition().run, priority: "urgent" } })],
  ])("with %s is not readable", (_, one) => {
    expect(() => decodeScheduleRecord(encode(one))).toThrow(UmbelError);
    expect(() => decodeScheduleRecord(encode(one))).toThrow(/not readable/);
  });

  test("of any bytes is readable or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(["readable", "undecodable"]).toContain(readOrCode(bytes));
      }),
    );
  });
});

function readOrCode(bytes: Uint8Array): string {
  try {
    decodeScheduleRecord(bytes);
    return "readable";
  } catch (error) {
    return UmbelError.from(error).code;
  }
}

test("two definitions that are equal have the same bytes, in whatever order their fields are", () => {
  const { definition: one } = whole;
  const turned = Object.fromEntries(Object.entries(one).toReversed());
  expect(encodeDefinition({ ...one, ...turned })).toEqual(encodeDefinition(one));
  expect(encodeDefinition({ ...definition(), ...turned })).toEqual(encodeDefinition(one));
  expect(encodeDefinition({ ...one, jitterMs: 1 })).not.toEqual(encodeDefinition(one));
});
