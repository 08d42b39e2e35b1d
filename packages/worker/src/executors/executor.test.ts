import { RetryRequest } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { AbortControl, type AbortCause } from "../execute/abort-control.ts";
import { checkResultSize, resultAfterAbort } from "./executor.ts";

function aborted(cause: AbortCause): AbortControl {
  const control = new AbortControl();
  control.abort(cause, 250);
  return control;
}

describe("what a handler threw", () => {
  const error = new TypeError("boom");

  test("is what it came to, when it was not aborted", () => {
    expect(resultAfterAbort(new AbortControl(), error)).toMatchObject({
      kind: "threw",
      error: { name: "TypeError", message: "boom" },
    });
    expect(resultAfterAbort(new AbortControl(), new RetryRequest("later"))).toMatchObject({ kind: "retry" });
  });

  test("after its timeout is that timeout, and may pass; what it threw is the cause", () => {
    const { reason } = aborted("timeout");
    expect(resultAfterAbort(aborted("timeout"), error)).toMatchObject({
      kind: "threw",
      retryable: true,
      error: { code: "attempt_timeout", message: reason?.message, cause: { message: "boom" } },
    });
    expect(resultAfterAbort(aborted("timeout"), new RetryRequest("later"))).toMatchObject({ kind: "threw" });
  });

  test("nothing, because it never ended, has no cause", () => {
    const result = resultAfterAbort(aborted("timeout"), undefined);
    expect(result).toMatchObject({ error: { code: "attempt_timeout" } });
    expect(result).not.toHaveProperty("error.cause");
  });

  test.each<AbortCause>(["cancelled", "shutdown"])(
    "counts for nothing when it was aborted as %s",
    (cause) => {
      expect(resultAfterAbort(aborted(cause), error)).toEqual({ kind: "interrupted" });
      expect(resultAfterAbort(aborted(cause), undefined)).toEqual({ kind: "interrupted" });
    },
  );
});

describe("a result", () => {
  test("is kept up to the limit", () => {
    const result = new Uint8Array(5);
    expect(checkResultSize(result, "t", 5)).toEqual({ kind: "returned", result });
  });

  test("beyond the limit is a failure that no other attempt would change, and says what to do", () => {
    expect(checkResultSize(new Uint8Array(6), "media.thumbnail", 5)).toMatchObject({
      kind: "threw",
      retryable: false,
      error: {
        code: "payload_too_large",
        message: expect.stringMatching(
          /result of media\.thumbnail is 6 bytes.*at most 5\. Store it elsewhere/,
        ),
      },
    });
  });
});
