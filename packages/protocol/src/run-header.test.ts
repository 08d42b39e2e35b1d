import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRunId, isTaskName } from "./names.ts";
import { formatRunHeader, parseRunHeader, PROTOCOL_VERSION, RUN_HEADER, type RunMeta } from "./run-header.ts";
import { UmbelError } from "./umbel-error.ts";

const word = fc.string({ unit: fc.constantFrom(..."abcXYZ019_-".split("")), minLength: 1, maxLength: 30 });
const task = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("."))
  .filter(isTaskName);
const time = fc.nat({ max: 8.64e15 });
const runId = word.filter(isRunId);
const delay = fc.nat({ max: 86_400_000 });
const jitter = fc.constantFrom("full" as const, "none" as const);
const meta: fc.Arbitrary<RunMeta> = fc.record(
  {
    task,
    enqueuedAt: time,
    origin: word,
    attempt: fc.integer({ min: 1, max: 1_000 }),
    verify: fc.boolean(),
    dueAt: time,
    firstDueAt: time,
    expiresAt: time,
    maxAttempts: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constant(Number.POSITIVE_INFINITY)),
    timeoutMs: fc.integer({ min: 1, max: 3_650 * 86_400_000 }),
    resultTtlMs: fc.integer({ min: 1_000, max: 30 * 86_400_000 }),
    parentRunId: runId,
    rootRunId: runId,
    deadlineAt: time,
    maxElapsedMs: fc.integer({ min: 1, max: 3_650 * 86_400_000 }),
    backoff: fc.oneof(
      fc.record({ kind: fc.constant("fixed" as const), delayMs: delay, jitter }, { noNullPrototype: true }),
      fc.record(
        {
          kind: fc.constant("exponential" as const),
          baseMs: delay,
          maxMs: delay,
          factor: fc.double({ min: 1, max: 100, noNaN: true }),
          jitter,
        },
        { noNullPrototype: true },
      ),
    ),
    ignoreResult: fc.boolean(),
    onFailure: fc.option(
      fc.record(
        {
          task,
          queue: fc.constantFrom("default", "mail"),
          priority: fc.constantFrom("high" as const, "low" as const),
        },
        { requiredKeys: ["task", "queue"], noNullPrototype: true },
      ),
    ),
    redriveOf: runId,
    tags: fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 4 }),
    lock: fc.string({ unit: "grapheme" }),
    reorder: fc.constant(true),
  },
  { requiredKeys: ["task", "enqueuedAt", "origin", "attempt", "verify"], noNullPrototype: true },
);

const base = "1;media.thumbnail;1700000000000;ORIGIN0001";
const plain: RunMeta = {
  task: "media.thumbnail",
  enqueuedAt: 1_700_000_000_000,
  origin: "ORIGIN0001",
  attempt: 1,
  verify: false,
};

describe("the run header", () => {
  test("is named Umbel, and is of version 1", () => {
    expect([RUN_HEADER, PROTOCOL_VERSION]).toEqual(["Umbel", "1"]);
  });

  test("is read back as it was written", () => {
    fc.assert(
      fc.property(meta, (value) => {
        expect(parseRunHeader(formatRunHeader(value))).toStrictEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("is one line of printable ASCII", () => {
    fc.assert(
      fc.property(meta, (value) => {
        expect(formatRunHeader(value)).toMatch(/^[!-~]+$/);
      }),
    );
  });

  test("names nothing that has its default", () => {
    expect(formatRunHeader(plain)).toBe(base);
    expect(parseRunHeader(base)).toStrictEqual(plain);
    expect(formatRunHeader({ ...plain, attempt: 2, verify: true, dueAt: 5 })).toBe(`${base};a=2;v=1;d=5`);
    const rest = {
      expiresAt: 6,
      maxAttempts: 7,
      timeoutMs: 8,
      resultTtlMs: 9_000,
      parentRunId: "p",
      rootRunId: "r",
    };
    expect(formatRunHeader({ ...plain, ...rest })).toBe(`${base};x=6;m=7;t=8;l=9000;p=p;r=r`);
  });

  test("may hold keys that a newer producer knows: they are left alone", () => {
    expect(parseRunHeader(`${base};q=9;attempt=4;;a;=;__proto__=1;v=0`)).toStrictEqual(plain);
  });

  test("counts the last of two equal keys", () => {
    expect(parseRunHeader(`${base};a=2;a=3`).attempt).toBe(3);
  });
});

describe("parseRunHeader refuses", () => {
  test.each([
    ["nothing", "", /version "" is not known/],
    ["another version", base.replace("1;", "2;"), /version "2" is not known/],
    ["a version alone", "1", /at least version, task, time and origin/],
    ["a header without an origin", "1;task;5", /at least/],
    ["an empty origin", "1;task;5;", /at least/],
    ["an empty task", "1;;5;o", /"" cannot name a task/],
    ["a task with a wildcard", "1;media.*;5;o", /cannot name a task/],
    ["a task that is too long", `1;${"x".repeat(129)};5;o`, /cannot name a task/],
    ["a time that is no number", "1;task;soon;o", /"soon" is not a whole number/],
    ["an empty time", "1;task;;o", /"" is not a whole number/],
    ["a time of white space", "1;task;  ;o", /not a whole number/],
    ["a time below zero", "1;task;-1;o", /not a whole number/],
    ["a negative zero", "1;task;-0;o", /not a whole number/],
    ["a time with a sign", "1;task;+5;o", /not a whole number/],
    ["a broken number", "1;task;1.5;o", /not a whole number/],
    ["a power of ten", "1;task;1e3;o", /not a whole number/],
    ["hexadecimal digits", "1;task;0x10;o", /not a whole number/],
    ["a time that no Date can hold", "1;task;8640000000000001;o", /to 8640000000000000/],
    ["attempt 0", `${base};a=0`, /from 1/],
    ["an attempt beyond what a number holds", `${base};a=9007199254740993`, /whole number/],
    ["no attempts at all", `${base};m=0`, /from 1 to 1000/],
    ["too many attempts", `${base};m=1001`, /from 1 to 1000/],
    ["a timeout of nothing", `${base};t=0`, /from 1/],
    ["a result time to live that the server refuses", `${base};l=999`, /from 1000/],
    ["a due time that is no number", `${base};d=`, /"" is not a whole number/],
    ["an expiry that is no number", `${base};x=never`, /"never"/],
    ["a parent that is no run id", `${base};p=a.b`, /"a\.b" is not a run id/],
    ["an empty root", `${base};r=`, /"" is not a run id/],
    ["a deadline that is no number", `${base};z=soon`, /"soon" is not a whole number/],
    ["a backoff of another kind", `${base};b=q,5,full`, /"q,5,full" is not a backoff/],
    ["a backoff without its delay", `${base};b=f,,full`, /is not a backoff/],
    ["a backoff that takes too long", `${base};b=f,999999999999999,full`, /is not a backoff/],
    ["a backoff that shrinks", `${base};b=x,5,5,0.5,full`, /is not a backoff/],
    ["a failure task without a queue", `${base};f=mail`, /does not name a task and its queue/],
    ["a failure task of an unknown priority", `${base};f=a,mail,u`, /does not name a task and its queue/],
    ["a failure task with more than that", `${base};f=a,mail,h,x`, /does not name a task and its queue/],
    ["a failure task that cannot be one", `${base};f=a b,mail`, /does not name a task and its queue/],
    ["a dead run that is no run id", `${base};o=*`, /"\*" is not a run id/],
    ["a tag that nothing encodes to", `${base};g=a,=zz`, /"=zz" is not an encoded text/],
    ["a lock that nothing encodes to", `${base};u=a b`, /"a b" is not an encoded text/],
  ])("%s", (_, header, message) => {
    expect(() => parseRunHeader(header)).toThrow(
      expect.objectContaining({
        code: "undecodable",
        message: expect.stringMatching(message),
        details: expect.objectContaining({ field: "Umbel" }),
      }),
    );
  });

  test("any other text, with no other error, and never shows more than a line of it", () => {
    const part = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("1", "task", "5", "a=", "a=2", "p=x", "d=9"),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        expect(outcomeOf(parts.join(";"))).toMatch(
          /^(?:read|the Umbel header is not readable: [^\r\n]{1,400})$/,
        );
      }),
      { numRuns: 1_000 },
    );
    expect(outcomeOf("x".repeat(60_000)).length).toBeLessThan(500);
    expect(outcomeOf(`${base};d=${"9".repeat(60_000)}`).length).toBeLessThan(500);
  });

  function outcomeOf(header: string): string {
    try {
      parseRunHeader(header);
      return "read";
    } catch (error) {
      if (UmbelError.is(error, "undecodable")) return error.message;
      throw error;
    }
  }
});
