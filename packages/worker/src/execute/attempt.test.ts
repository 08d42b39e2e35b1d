import { DiscardRequest, fixed, RetryRequest, UmbelError, type RetryPolicy } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { judge, readThrown, type AttemptResult } from "./attempt.ts";

const POLICY: RetryPolicy = { maxAttempts: 3, backoff: fixed(1_000) };
const ERROR = { name: "Error", message: "boom" };
const facts = (attempt: number): { attempt: number; policy: RetryPolicy; random: number } => ({
  attempt,
  policy: POLICY,
  random: 0.5,
});

describe("what a handler throws", () => {
  test("is a failure that may pass", () => {
    expect(readThrown(new TypeError("boom"))).toMatchObject({
      kind: "threw",
      retryable: true,
      error: { name: "TypeError", message: "boom" },
    });
  });

  test.each(["text", undefined, null, 5])("may be anything: %j", (reason) => {
    expect(readThrown(reason)).toMatchObject({ kind: "threw", retryable: true });
  });

  test.each([
    "schema_violation",
    "not_encodable",
    "payload_too_large",
    "undecodable",
    "invalid_argument",
    "would_deadlock",
  ] as const)("is final when it is %s: no later attempt could change it", (code) => {
    expect(readThrown(new UmbelError(code, "no"))).toMatchObject({
      kind: "threw",
      retryable: false,
      error: { code },
    });
  });

  test.each(["broker_unavailable", "handler_missing", "internal", "conflict"] as const)(
    "may pass when it is %s",
    (code) => {
      expect(readThrown(new UmbelError(code, "no"))).toMatchObject({ kind: "threw", retryable: true });
    },
  );

  test("is not final because somebody else's error has such a code", () => {
    const foreign = Object.assign(new Error("no"), { code: "invalid_argument" });
    expect(readThrown(foreign)).toMatchObject({ kind: "threw", retryable: true });
  });

  test("may ask for another attempt, with or without a delay", () => {
    expect(readThrown(new RetryRequest("later", 70))).toMatchObject({
      kind: "retry",
      delayMs: 70,
      error: { name: "RetryRequest", message: "later" },
    });
    expect(readThrown(new RetryRequest("later"))).toMatchObject({ kind: "retry", delayMs: undefined });
  });

  test("may ask to be discarded", () => {
    expect(readThrown(new DiscardRequest("gone"))).toMatchObject({
      kind: "discarded",
      error: { name: "DiscardRequest", message: "gone" },
    });
  });
});

describe("an attempt", () => {
  test("that returned has succeeded, the last allowed one too", () => {
    const result = new Uint8Array([1]);
    expect(judge({ kind: "returned", result }, facts(3))).toEqual({ kind: "succeeded", result });
  });

  test("that was interrupted is neither a success nor a failure, the last allowed one too", () => {
    expect(judge({ kind: "interrupted" }, facts(3))).toEqual({ kind: "interrupted" });
  });

  test("that discarded its run ends it, however many attempts are left", () => {
    expect(judge({ kind: "discarded", error: ERROR }, facts(1))).toEqual({
      kind: "failed",
      reason: "discarded",
      error: ERROR,
    });
  });

  test("that threw is tried again after the backoff, with jitter", () => {
    expect(judge({ kind: "threw", error: ERROR, retryable: true }, facts(2))).toEqual({
      kind: "retry",
      delayMs: 500,
      error: ERROR,
      asked: false,
    });
  });

  test("that threw for good ends the run, however many attempts are left", () => {
    expect(judge({ kind: "threw", error: ERROR, retryable: false }, facts(1))).toEqual({
      kind: "failed",
      reason: "discarded",
      error: ERROR,
    });
  });

  test("whose input cannot be read says so in the dead letters", () => {
    const error = { ...ERROR, code: "undecodable" };
    expect(judge({ kind: "threw", error, retryable: false }, facts(1))).toEqual({
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
    expect(judge(asking(delayMs), facts(2))).toMatchObject({ kind: "retry", delayMs: expected, asked: true });
  });

  test.each([
    ["threw", { kind: "threw", error: ERROR, retryable: true } as const],
    ["asked for another one", asking(0)],
  ])("that %s is the end once no attempt is left", (_, attempt) => {
    expect(judge(attempt, facts(2)).kind).toBe("retry");
    expect(judge(attempt, facts(3))).toMatchObject({ kind: "failed", reason: "exhausted" });
    expect(judge(attempt, facts(4))).toMatchObject({ kind: "failed", reason: "exhausted" });
  });
});
