import { fixed, UmbelError } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { resolveEnqueueOptions, type ResolvedEnqueue } from "./enqueue-options.ts";

const NOW = 1_795_460_800_000;
const NOTHING: ResolvedEnqueue = {
  dueAt: undefined,
  expires: undefined,
  deadline: undefined,
  queue: undefined,
  priority: undefined,
  retry: {},
  timeoutMs: undefined,
  resultTtlMs: undefined,
  ignoreResult: undefined,
  headers: {},
  tags: undefined,
  runId: undefined,
  identity: undefined,
  key: undefined,
  onRetry: undefined,
};

// What a caller without types may pass.
function resolve(options: unknown): ResolvedEnqueue {
  return Reflect.apply(resolveEnqueueOptions, undefined, [options, NOW]);
}

function refusal(options: unknown): unknown {
  try {
    resolve(options);
    return undefined;
  } catch (error) {
    return UmbelError.is(error, "invalid_argument") ? { ...error.details, message: error.message } : error;
  }
}

describe("the options of an enqueue", () => {
  test("leave everything to the task when there are none", () => {
    expect(resolve(undefined)).toStrictEqual(NOTHING);
    expect(resolve({})).toStrictEqual(NOTHING);
    expect(resolve({ delay: undefined, at: undefined, headers: undefined })).toStrictEqual(NOTHING);
  });

  test("are taken as they are, durations in milliseconds", () => {
    const options = {
      expires: "1h",
      deadline: "2027-01-01T09:00:00+01:00",
      queue: "media",
      priority: "high",
      retry: { maxAttempts: 7, backoff: fixed("2s"), maxElapsed: "1h" },
      timeout: "1.5s",
      resultTtl: "1s",
      ignoreResult: false,
      headers: { tenant: "a" },
      tags: ["import", "import"],
      runId: "order-4711",
      key: "customer 7",
      onRetry: "allow-reorder",
    };
    expect(resolve({ ...options, delay: "5m" })).toStrictEqual({
      identity: undefined,
      dueAt: NOW + 300_000,
      expires: { afterMs: 3_600_000 },
      deadline: { at: Date.UTC(2027, 0, 1, 8) },
      queue: "media",
      priority: "high",
      retry: { maxAttempts: 7, backoff: fixed("2s"), maxElapsedMs: 3_600_000 },
      timeoutMs: 1_500,
      resultTtlMs: 1_000,
      ignoreResult: false,
      headers: { tenant: "a" },
      tags: ["import"],
      runId: "order-4711",
      key: "customer 7",
      onRetry: "allow-reorder",
    });
  });

  test("hold headers of their own: a later change of the caller's object changes nothing", () => {
    const headers = { tenant: "a" };
    const resolved = resolve({ headers });
    headers.tenant = "b";
    expect(resolved.headers).toEqual({ tenant: "a" });
  });
});

describe("a run is due", () => {
  test.each([
    [1, NOW + 1],
    ["250ms", NOW + 250],
    ["1d", NOW + 86_400_000],
  ])("after a delay of %j", (delay, dueAt) => {
    expect(resolve({ delay }).dueAt).toBe(dueAt);
  });

  test.each([0, "0s"])("at once after a delay of %j", (delay) => {
    expect(resolve({ delay }).dueAt).toBeUndefined();
  });

  test.each([
    ["2027-01-01T09:00:00Z", Date.UTC(2027, 0, 1, 9)],
    ["2027-01-01T09:00Z", Date.UTC(2027, 0, 1, 9)],
    ["2027-01-01T09:00:00.250z", Date.UTC(2027, 0, 1, 9, 0, 0, 250)],
    ["2027-01-01T09:00:00+01:00", Date.UTC(2027, 0, 1, 8)],
    ["2027-01-01T09:00:00-0730", Date.UTC(2027, 0, 1, 16, 30)],
    ["1970-01-01T00:00:00Z", 0],
    ["9999-12-31T23:59:59.999Z", Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
  ])("at %s, in whatever zone this process is", (at, dueAt) => {
    expect(resolve({ at }).dueAt).toBe(dueAt);
    expect(resolve({ at: new Date(dueAt) }).dueAt).toBe(dueAt);
  });

  test("at a moment that has passed, too: then at once, by the broker", () => {
    expect(resolve({ at: new Date(NOW - 1) }).dueAt).toBe(NOW - 1);
  });
});

describe.each(["expires", "deadline"] as const)("%s", (field) => {
  test.each([
    [5, { afterMs: 5 }],
    ["1.5s", { afterMs: 1_500 }],
    [new Date(NOW), { at: NOW }],
    ["2027-01-01T09:00:00+01:00", { at: Date.UTC(2027, 0, 1, 8) }],
    ["2027-01-01T09:00:00Z", { at: Date.UTC(2027, 0, 1, 9) }],
  ])("is a duration or a moment: %j", (value, limit) => {
    expect(resolve({ [field]: value })[field]).toEqual(limit);
  });

  test("may have passed: then the run ends as soon as a worker sees it", () => {
    expect(resolve({ [field]: new Date(NOW - 1) })[field]).toEqual({ at: NOW - 1 });
  });
});

describe("a wrong option is refused with its name, what was received and what is accepted", () => {
  const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
  const ms = matching(/^milliseconds as a number of 0 or more, or text like/);
  const positive = "a duration above 0";
  const moment = matching(/^a Date from 1970 to 9999, or ISO 8601 text with a zone/);
  const header = matching(/^text of at most 4096 characters/);
  const afterDue = "a moment after the run is due";
  const attempts = "a whole number from 1 to 1000, or Infinity";
  const runId = 'a run id of 1 to 64 letters, digits, "_" or "-"';

  test.each<[options: unknown, field: string, saying: [received: unknown, expected: unknown]]>([
    [null, "enqueue", ["null", "an object of options"]],
    ["5m", "enqueue", ['"5m"', "an object of options"]],
    [{ delay: "5 m" }, "delay", ['"5 m"', ms]],
    [{ delay: -1 }, "delay", ["-1", ms]],
    [{ delay: null }, "delay", ["null", ms]],
    [{ delay: "1h", at: new Date(NOW) }, "at", [expect.any(String), "either delay or at, not both"]],
    [{ delay: 0, at: new Date(NOW) }, "at", [expect.any(String), "either delay or at, not both"]],
    [{ at: "2027-01-01T09:00:00" }, "at", ['"2027-01-01T09:00:00"', moment]],
    [{ at: "2027-01-01" }, "at", ['"2027-01-01"', moment]],
    [{ at: "2027-01-01T09:00:00 Europe/Paris" }, "at", ['"2027-01-01T09:00:00 Europe/Paris"', moment]],
    [{ at: "2027-13-01T09:00:00Z" }, "at", ['"2027-13-01T09:00:00Z"', moment]],
    [{ at: "tomorrow" }, "at", ['"tomorrow"', moment]],
    [{ at: NOW }, "at", [String(NOW), moment]],
    [{ at: null }, "at", ["null", moment]],
    [{ at: new Date(Number.NaN) }, "at", [expect.any(String), moment]],
    [{ at: new Date(-1) }, "at", ['"1969-12-31T23:59:59.999Z"', moment]],
    [{ at: "1969-12-31T23:59:59.999Z" }, "at", ['"1969-12-31T23:59:59.999Z"', moment]],
    [{ at: new Date(Date.UTC(10_000, 0)) }, "at", ['"+010000-01-01T00:00:00.000Z"', moment]],
    [{ expires: 0 }, "expires", ["0", positive]],
    [{ expires: "later" }, "expires", ['"later"', ms]],
    [{ expires: "2027-01-01T09:00:00" }, "expires", ['"2027-01-01T09:00:00"', moment]],
    [{ expires: "2027-01-01" }, "expires", ['"2027-01-01"', moment]],
    [{ expires: new Date(Number.NaN) }, "expires", [expect.any(String), moment]],
    [{ deadline: "2027-01-01T09:00:00" }, "deadline", ['"2027-01-01T09:00:00"', moment]],
    [{ deadline: 0 }, "deadline", ["0", positive]],
    [{ deadline: "soon" }, "deadline", ['"soon"', ms]],
    [{ deadline: null }, "deadline", ["null", ms]],
    [{ delay: 5, expires: new Date(NOW + 5) }, "expires", [expect.any(String), afterDue]],
    [{ at: new Date(NOW), deadline: new Date(NOW - 5) }, "deadline", [expect.any(String), afterDue]],
    [{ queue: "a.b" }, "queue", ['"a.b"', matching(/^a queue name/)]],
    [{ queue: 5 }, "queue", ["5", matching(/^a queue name/)]],
    [{ priority: "urgent" }, "priority", ['"urgent"', matching(/"high"/)]],
    [{ retry: 3 }, "retry", ["3", "an object of options"]],
    [{ retry: { maxAttempts: 0 } }, "retry.maxAttempts", ["0", attempts]],
    [{ retry: { maxAttempts: 1_001 } }, "retry.maxAttempts", ["1001", attempts]],
    [{ retry: { maxAttempts: "3" } }, "retry.maxAttempts", ['"3"', attempts]],
    [{ retry: { maxElapsed: 0 } }, "retry.maxElapsed", ["0", positive]],
    [{ retry: { backoff: "5s" } }, "retry.backoff", ['"5s"', matching(/^exponential\(/)]],
    [{ ignoreResult: 1 }, "ignoreResult", ["1", "true or false"]],
    [{ timeout: 0 }, "timeout", ["0", positive]],
    [{ timeout: Number.POSITIVE_INFINITY }, "timeout", ["Infinity", ms]],
    [{ resultTtl: 999 }, "resultTtl", ["999", 'a duration from "1s" to "30d"']],
    [{ resultTtl: "ever" }, "resultTtl", ['"ever"', ms]],
    [{ headers: [["a", "b"]] }, "headers", ['[["a","b"]]', "an object of texts"]],
    [{ headers: { "Nats-TTL": "1s" } }, "headers", ['"Nats-TTL"', matching(/do not start with "Nats-"/)]],
    [{ headers: { tenant: "a\r\nNats-TTL: 1s" } }, "headers.tenant", [expect.any(String), header]],
    [{ headers: { tenant: 5 } }, "headers.tenant", ["5", header]],
    [{ runId: "" }, "runId", ['""', runId]],
    [{ runId: "a.b" }, "runId", ['"a.b"', runId]],
    [{ runId: "x".repeat(65) }, "runId", [expect.any(String), runId]],
  ])("%o", (options, field, [received, expected]) => {
    expect(refusal(options)).toMatchObject({
      field,
      received,
      expected,
      message: expect.stringContaining(`${field}: expected `),
    });
  });

  test("an unknown one with what it may be meant for", () => {
    expect(refusal({ timeOuts: 5 })).toMatchObject({
      field: "enqueue.timeOuts",
      received: "5",
      fix: 'Did you mean "timeout"?',
    });
  });

  test("a backoff of one's own with the place where it belongs, and a filter as one that no call has", () => {
    expect(refusal({ retry: { backoff: () => 5 } })).toMatchObject({
      field: "retry.backoff",
      fix: "A function belongs in the definition of the task.",
    });
    expect(refusal({ retry: { retryOn: ["TypeError"] } })).toMatchObject({ field: "retry.retryOn" });
  });
});
