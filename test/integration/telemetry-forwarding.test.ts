import { ROOT_CONTEXT, TraceFlags, context, createTraceState, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  injectTrace,
  runInTrace,
  startEnqueueSpan,
  startProcessSpan,
  type TraceHeaders,
} from "@umbel/telemetry";
import { afterAll, beforeAll, expect, test } from "vitest";

// A context manager, but no tracer provider: a trace that came from elsewhere only passes through.
beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
afterAll(() => context.disable());

const incoming = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: TraceFlags.SAMPLED,
  traceState: createTraceState("vendor=a1"),
});
const headers: TraceHeaders = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=a1",
};

function enqueue(): TraceHeaders {
  return startEnqueueSpan({ task: "t", queue: "q", runId: "r1", bodyBytes: 1 })?.headers() ?? injectTrace();
}

function process<Result>(traceHeaders: TraceHeaders, handler: () => Result): Result {
  const scope = startProcessSpan({
    task: "t",
    queue: "q",
    runId: "r1",
    attempt: 1,
    delivery: 1,
    start: 1,
    workerId: "w1",
    enqueuedAtMs: 0,
    runsOn: "loop",
    traceHeaders,
  });
  return scope.run(handler);
}

test("the enqueuer's active trace reaches the handler and the runs that it enqueues", async () => {
  const sent = context.with(incoming, enqueue);
  expect(sent).toEqual(headers);

  const sentByHandler = await process(sent, async () => {
    await Promise.resolve();
    expect(trace.getActiveSpan()?.spanContext()).toMatchObject({
      spanId: "b7ad6b7169203331",
      isRemote: true,
    });
    return enqueue();
  });
  expect(sentByHandler).toEqual(headers);
  expect(trace.getActiveSpan()).toBeUndefined();
});

test("runInTrace makes the trace active for what the function starts", async () => {
  expect(
    await runInTrace(headers, async () => {
      await Promise.resolve();
      return injectTrace();
    }),
  ).toEqual(headers);
});
