import { context, trace } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { NO_TRACE } from "../propagation.ts";
import { startEnqueueSpan } from "./enqueue-span.ts";
import { startProcessSpan, type ProcessSpanOptions } from "./process-span.ts";

// No SDK and no context manager is registered in this file: how most processes run.
const attempt: ProcessSpanOptions = {
  task: "media.thumbnail",
  queue: "media",
  runId: "r1",
  attempt: 1,
  delivery: 1,
  start: 1,
  workerId: "w1",
  enqueuedAtMs: 0,
  runsOn: "loop",
  traceHeaders: NO_TRACE,
};
const traceHeaders = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=a1",
};

test("without an SDK an enqueue has no span", () => {
  expect(startEnqueueSpan({ task: "t", queue: "q", runId: "r1", bodyBytes: 1 })).toBeUndefined();
});

test("without an SDK and a trace every attempt shares one scope that does nothing", () => {
  const scope = startProcessSpan(attempt);
  expect(startProcessSpan({ ...attempt, runId: "r2" })).toBe(scope);
  expect(scope.run(() => "result")).toBe("result");
  expect(scope.headers()).toBe(NO_TRACE);
  expect(scope.callContext()).toBe(context.active());
  scope.end({ outcome: "failed", error: new Error("ignored") });
});

test("without an SDK the run's trace is passed on as it came", () => {
  const scope = startProcessSpan({ ...attempt, traceHeaders });
  expect(scope.run(() => "result")).toBe("result");
  expect(scope.headers()).toEqual(traceHeaders);
  expect(trace.getSpanContext(scope.context)?.spanId).toBe("b7ad6b7169203331");
  expect(scope.callContext()).toBe(scope.context);
  scope.end({ outcome: "succeeded" });
});

test("a malformed trace is not passed on", () => {
  const scope = startProcessSpan({ ...attempt, traceHeaders: { traceparent: "garbage" } });
  expect(scope.run(() => "result")).toBe("result");
  expect(scope.headers()).toBe(NO_TRACE);
});

test("a handler's exception passes through the scope", () => {
  const failing = (): never => {
    throw new Error("broken");
  };
  expect(() => startProcessSpan(attempt).run(failing)).toThrow("broken");
  expect(() => startProcessSpan({ ...attempt, traceHeaders }).run(failing)).toThrow("broken");
});
