import { expect, test } from "vitest";
import { DiscardRequest, requestDiscard, requestRetry, RetryRequest } from "./control-flow.ts";

function thrownBy(action: () => never): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

test("a handler may ask for another attempt, by default when its task's backoff says", () => {
  const request = thrownBy(() => requestRetry());
  expect(request).toBeInstanceOf(RetryRequest);
  expect(request).toMatchObject({ name: "RetryRequest", message: "the handler asked for a retry" });
  expect(request).toHaveProperty("delayMs", undefined);
});

test("a handler may say when and why it wants another attempt", () => {
  const request = thrownBy(() => requestRetry({ delay: "5s", reason: "rate limited" }));
  expect(request).toMatchObject({ delayMs: 5_000, message: "rate limited" });
  expect(thrownBy(() => requestRetry({ delay: 0 }))).toMatchObject({ delayMs: 0 });
});

test("a wrong delay is an invalid argument, not a retry", () => {
  const error = thrownBy(() => requestRetry({ delay: -1 }));
  expect(error).toMatchObject({
    code: "invalid_argument",
    details: { field: "retry.delay", received: "-1" },
  });
});

test("a handler may discard its run for good", () => {
  const request = thrownBy(() => requestDiscard("the account is closed"));
  expect(request).toBeInstanceOf(DiscardRequest);
  expect(request).toMatchObject({ name: "DiscardRequest", message: "the account is closed" });
});
