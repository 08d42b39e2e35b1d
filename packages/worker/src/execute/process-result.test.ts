import { describe, expect, test } from "vitest";
import type { Verdict } from "./attempt.ts";
import { processResult } from "./process-result.ts";

const ERROR = { name: "Error", message: "boom" };
const SUCCEEDED: Verdict = { kind: "succeeded", result: new Uint8Array([1]) };
const FAILED: Verdict = { kind: "failed", reason: "exhausted", error: ERROR };
const RETRY: Verdict = { kind: "retry", delayMs: 5, error: ERROR, asked: false };
const ASKED: Verdict = { ...RETRY, asked: true };
const INTERRUPTED: Verdict = { kind: "interrupted" };

describe("the span of an attempt", () => {
  test.each([
    [SUCCEEDED, { outcome: "succeeded" }],
    [FAILED, { outcome: "failed", error: ERROR }],
    [RETRY, { outcome: "retrying", error: ERROR }],
    [INTERRUPTED, { outcome: "handed_back" }],
  ])("says what it came to: %o", (verdict, expected) => {
    expect(processResult(verdict, "settled", undefined)).toStrictEqual(expected);
  });

  test("has no error when its handler asked for another attempt", () => {
    expect(processResult(ASKED, "settled", undefined)).toStrictEqual({ outcome: "retrying" });
  });

  test.each([SUCCEEDED, FAILED, RETRY])("says that its outcome was refused: %o", (verdict) => {
    expect(processResult(verdict, "refused", undefined).outcome).toBe("refused");
    expect(processResult(verdict, "refused", "timeout").outcome).toBe("refused");
  });

  test.each([SUCCEEDED, FAILED, RETRY, INTERRUPTED])(
    "says that the run was cancelled when that outcome stands: %o",
    (verdict) => {
      expect(processResult(verdict, "refused", "cancelled").outcome).toBe("cancelled");
    },
  );

  test("says that the run was cancelled when its handler stopped for that", () => {
    expect(processResult(INTERRUPTED, "settled", "cancelled").outcome).toBe("cancelled");
    expect(processResult(INTERRUPTED, "settled", "shutdown").outcome).toBe("handed_back");
  });

  test("says what was settled although a cancel came too late", () => {
    expect(processResult(SUCCEEDED, "settled", "cancelled").outcome).toBe("succeeded");
    expect(processResult(FAILED, "settled", "timeout").outcome).toBe("failed");
  });
});
