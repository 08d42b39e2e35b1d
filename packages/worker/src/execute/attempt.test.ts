import { DiscardRequest, fixed, RetryRequest, UmbelError, type RetryPolicy } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { judge, readThrown, type AttemptResult } from "./attempt.ts";
import type { RetryFacts } from "./retry-decision.ts";

const POLICY: RetryPolicy = { maxAttempts: 3, backoff: fixed(1_000) };
const ERROR = { name: "Error", message: "boom" };
const NOW = 1_000_000;
const facts = (attempt: number): RetryFacts => ({
  attempt,
  policy: POLICY,
  random: 0.5,
  now: NOW,
  firstDueAt: NOW - 500,
});

describe("what a handler throws", () => {
  test("is a failure that may pass", () => {
    expect(readThrown(new TypeError("boom"), NOW)).toMatchObject({
      kind: "threw",
      retryable: true,
      error: { name: "TypeError", message: "boom" },
    });
  });

  test.each(["text", undefined, null, 5])("may be anything: %j", (reason) => {
    expect(readThrown(reason, NOW)).toMatchObject({ kind: "threw", retryable: true });
  });

  test.each([
    "schema_violation",
    "not_encodable",
    "payload_too_large",
    "undecodable",
    "invalid_argument",
    "would_deadlock",
  ] as const)("is final when it is %s: no later attempt could change it", (code) => {
    expect(readThrown(new UmbelError(code, "no"), NOW)).toMatchObject({
      kind: "threw",
      retryable: false,
      error: { code },
    });
  });

  test.each(["broker_unavailable", "handler_missing", "internal", "conflict"] as const)(
    "may pass when it is %s",
    (code) => {
      expect(readThrown(new UmbelError(code, "no"), NOW)).toMatchObject({ kind: "threw", retryable: true });
    },
  );

  test("is not final because somebody else's error has such a code", () => {
    const foreign = Object.assign(new Error("no"), { code: "invalid_argument" });
    expect(readThrown(foreign, NOW)).toMatchObject({ kind: "threw", retryable: true });
  });

  test("may say how long to leave it alone", () => {
    const busy = Object.assign(new Error("429"), { retryAfter: 7 });
    expect(readThrown(busy, NOW)).toMatchObject({ kind: "threw", retryable: true, hintMs: 7_000 });
    expect(readThrown(new Error("500"), NOW)).not.toHaveProperty("hintMs");
  });

  test("may ask for another attempt, with or without a delay", () => {
    expect(readThrown(new RetryRequest("later", 70), NOW)).toMatchObject({
      kind: "retry",
      delayMs: 70,
      error: { name: "RetryRequest", message: "later" },
    });
    expect(readThrown(new RetryRequest("later"), NOW)).toMatchObject({ kind: "retry", delayMs: undefined });
  });

  test("may ask to be discarded", () => {
    expect(readThrown(new DiscardRequest("gone"), NOW)).toMatchObject({
      kind: "discarded",
      error: { name: "DiscardRequest", message: "gone" },
    });
  });
});

describe("an attempt", () => {
  test("that returned has succeeded, the last allowed one too", () => {
    const result = new Uint8Array([1]);
    expect(judge({ kind: "returned", result }, () => facts(3))).toEqual({ kind: "succeeded", result });
  });

  test("that was interrupted is neither a success nor a failure, the last allowed one too", () => {
    expect(judge({ kind: "interrupted" }, () => facts(3))).toEqual({ kind: "interrupted" });
  });

  test("that discarded its run ends it, however many attempts are left", () => {
    expect(judge({ kind: "discarded", error: ERROR }, () => facts(1))).toEqual({
      kind: "failed",
      reason: "discarded",
      error: ERROR,
    });
  });

  test("that threw is tried again after the backoff, with jitter", () => {
    expect(judge({ kind: "threw", error: ERROR, retryable: true }, () => facts(2))).toEqual({
      kind: "retry",
      delayMs: 500,
      error: ERROR,
      asked: false,
    });
  });

  test("that threw is left alone for as long as its error asks, if the backoff is shorter", () => {
    const threw = { kind: "threw", error: ERROR, retryable: true } as const;
    expect(judge({ ...threw, hintMs: 7_000 }, () => facts(2))).toMatchObject({
      kind: "retry",
      delayMs: 7_000,
    });
    expect(judge({ ...threw, hintMs: 20 }, () => facts(2))).toMatchObject({ kind: "retry", delayMs: 500 });
  });

  test("says which functions of the policy failed, and goes on with the default", () => {
    const policy: RetryPolicy = {
      ...POLICY,
      ownBackoff: () => {
        throw new Error("no idea");
      },
    };
    const verdict = judge({ kind: "threw", error: ERROR, retryable: true }, () => ({ ...facts(1), policy }));
    expect(verdict).toMatchObject({
      kind: "retry",
      delayMs: 500,
      faults: [{ option: "retry.backoff", error: { message: "no idea" } }],
    });
  });

  test("that threw for good ends the run, however many attempts are left", () => {
    expect(judge({ kind: "threw", error: ERROR, retryable: false }, () => facts(1))).toEqual({
      kind: "failed",
      reason: "discarded",
      error: ERROR,
    });
  });

  test("whose input cannot be read says so in the dead letters", () => {
    const error = { ...ERROR, code: "undecodable" };
    expect(judge({ kind: "threw", error, retryable: false }, () => facts(1))).toEqual({
      kind: "failed",
      reason: "undecodable",
      error,
    });
  });

  const asking = (delayMs: number | undefined): AttemptResult => {
    return { kind: "retry", error: { ...ERROR, name: "RetryRequest" }, delayMs };
  };

  test.each([
    [70, 70],
    [0, 0],
    [undefined, 500],
  ])("that asked for another one after %s ms gets it after %i ms", (delayMs, expected) => {
    expect(judge(asking(delayMs), () => facts(2))).toMatchObject({
      kind: "retry",
      delayMs: expected,
      asked: true,
    });
  });

  test.each([
    ["threw", { kind: "threw", error: ERROR, retryable: true } as const],
    ["asked for another one", asking(0)],
  ])("that %s is the end once no attempt is left", (_, attempt) => {
    expect(judge(attempt, () => facts(2)).kind).toBe("retry");
    expect(judge(attempt, () => facts(3))).toMatchObject({ kind: "failed", reason: "exhausted" });
    expect(judge(attempt, () => facts(4))).toMatchObject({ kind: "failed", reason: "exhausted" });
  });
});
