import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace";
import { UmbelError } from "@umbel/protocol";
import {
  NO_TRACE,
  runInTrace,
  startEnqueueSpan,
  startProcessSpan,
  type EnqueueSpan,
  type ProcessSpanOptions,
} from "@umbel/telemetry";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

const exporter = new InMemorySpanExporter();
let provider: TracerProvider;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
afterAll(() => context.disable());
beforeEach(() => register(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })));
afterEach(() => {
  trace.disable();
  exporter.reset();
});

function register(next: TracerProvider): void {
  trace.disable();
  provider = next;
  trace.setGlobalTracerProvider(provider);
}

const run = { task: "media.thumbnail", queue: "media", runId: "r1" };
const attempt: ProcessSpanOptions = {
  ...run,
  attempt: 1,
  delivery: 1,
  start: 1,
  workerId: "w1",
  enqueuedAtMs: Date.now(),
  runsOn: "loop",
  traceHeaders: NO_TRACE,
};

function openEnqueue(options: Partial<Parameters<typeof startEnqueueSpan>[0]> = {}): EnqueueSpan {
  const span = startEnqueueSpan({ ...run, bodyBytes: 42, ...options });
  if (span === undefined) throw new Error("no span, although a provider is registered");
  return span;
}

async function finishedSpan(name: string): Promise<ReadableSpan> {
  const [span, ...others] = await finishedSpans(name);
  if (span === undefined || others.length > 0) throw new Error(`${others.length} other spans named ${name}`);
  return span;
}

async function finishedSpans(name: string): Promise<ReadableSpan[]> {
  await provider.forceFlush();
  return exporter.getFinishedSpans().filter((span) => span.name === name);
}

test("enqueue, process and what the handler does are one trace", async () => {
  const tracer = trace.getTracer("application");
  const enqueue = tracer.startActiveSpan("request", (request) => {
    const span = openEnqueue();
    request.end();
    return span;
  });
  const scope = startProcessSpan({ ...attempt, traceHeaders: enqueue.headers() });
  enqueue.end();
  await scope.run(async () => {
    await Promise.resolve();
    tracer.startSpan("query").end();
  });
  scope.end({ outcome: "succeeded" });

  const [request, send] = [await finishedSpan("request"), await finishedSpan("send media")];
  const [process, query] = [await finishedSpan("process media"), await finishedSpan("query")];
  expect(send.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  expect(process.parentSpanContext).toMatchObject({ spanId: send.spanContext().spanId, isRemote: true });
  expect(query.parentSpanContext?.spanId).toBe(process.spanContext().spanId);
  expect(query.spanContext().traceId).toBe(request.spanContext().traceId);
  expect(process.links).toMatchObject([{ context: { spanId: send.spanContext().spanId } }]);
});

test("the enqueue span says what was sent", async () => {
  openEnqueue({ priority: "high", parentRunId: "r0", rootRunId: "r-root" }).end();
  const span = await finishedSpan("send media");
  expect(span.kind).toBe(SpanKind.PRODUCER);
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.attributes).toEqual({
    "messaging.system": "nats",
    "messaging.system.name": "nats",
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
    "messaging.destination.name": "media",
    "messaging.message.id": "r1",
    "messaging.message.body.size": 42,
    "umbel.task": "media.thumbnail",
    "umbel.queue": "media",
    "umbel.run_id": "r1",
    "umbel.priority": "high",
    "umbel.parent_run_id": "r0",
    "umbel.root_run_id": "r-root",
  });
});

test("a batch is one span with its size and without a run id", async () => {
  startEnqueueSpan({ task: "t", queue: "bulk", bodyBytes: 4200, batchSize: 100 })?.end();
  const { attributes } = await finishedSpan("send bulk");
  expect(attributes).toMatchObject({
    "messaging.batch.message_count": 100,
    "messaging.message.body.size": 4200,
  });
  expect(attributes).not.toHaveProperty(["umbel.run_id"]);
});

test("an enqueue that fails is an error", async () => {
  const span = openEnqueue();
  span.end(new UmbelError("broker_unavailable", "nobody answers"));
  span.end();
  expect(await finishedSpan("send media")).toMatchObject({
    status: { code: SpanStatusCode.ERROR, message: "nobody answers" },
    attributes: { "error.type": "broker_unavailable" },
  });
});

test("the process span says what was executed, where, and how it ended", async () => {
  const scope = startProcessSpan({ ...attempt, attempt: 2, delivery: 3, start: 4, runsOn: "thread" });
  scope.end({ outcome: "succeeded" });
  scope.end({ outcome: "failed" });
  const span = await finishedSpan("process media");
  expect(span.kind).toBe(SpanKind.CONSUMER);
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.parentSpanContext).toBeUndefined();
  expect(span.attributes).toEqual({
    "messaging.system": "nats",
    "messaging.system.name": "nats",
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": "media",
    "messaging.message.id": "r1",
    "umbel.task": "media.thumbnail",
    "umbel.queue": "media",
    "umbel.run_id": "r1",
    "umbel.attempt": 2,
    "umbel.delivery": 3,
    "umbel.start": 4,
    "umbel.worker.id": "w1",
    "umbel.runs_on": "thread",
    "umbel.wait_ms": expect.any(Number),
    "umbel.outcome": "succeeded",
  });
});

test("a clock that runs behind the enqueuer's makes no negative wait", async () => {
  startProcessSpan({ ...attempt, enqueuedAtMs: Date.now() + 60_000 }).end({ outcome: "succeeded" });
  expect((await finishedSpan("process media")).attributes["umbel.wait_ms"]).toBe(0);
});

test.each(["failed", "retrying"] as const)(
  "an attempt that ends %s with an error is an error",
  async (outcome) => {
    const error = new UmbelError("handler_failed", "broken", { cause: new TypeError("x is not a function") });
    startProcessSpan(attempt).end({ outcome, error });

    const span = await finishedSpan("process media");
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "broken" });
    expect(span.attributes).toMatchObject({ "error.type": "handler_failed", "umbel.outcome": outcome });
    expect(span.events).toMatchObject([{ name: "exception" }]);
    expect(span.events[0]?.attributes).toMatchObject({
      "exception.type": "UmbelError",
      "exception.message": "broken",
      "exception.stacktrace": expect.stringContaining("Caused by: TypeError: x is not a function"),
    });
  },
);

test.each([
  { outcome: "retrying" },
  { outcome: "discarded", error: new Error("not wanted") },
  { outcome: "cancelled", error: new Error("aborted") },
  { outcome: "handed_back" },
  { outcome: "refused" },
] as const)("control flow is no error: $outcome", async (result) => {
  startProcessSpan(attempt).end(result);
  const span = await finishedSpan("process media");
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.events).toEqual([]);
});

test("a failure that is not an Error is still an error", async () => {
  startProcessSpan(attempt).end({ outcome: "failed", error: "thrown text" });
  expect(await finishedSpan("process media")).toMatchObject({
    status: { code: SpanStatusCode.ERROR, message: "thrown text" },
    attributes: { "error.type": "_OTHER" },
  });
});

test("the attempts of a run are siblings in the enqueuer's trace", async () => {
  const enqueue = openEnqueue();
  const traceHeaders = enqueue.headers();
  enqueue.end();
  startProcessSpan({ ...attempt, traceHeaders }).end({ outcome: "retrying", error: new Error("1") });
  startProcessSpan({ ...attempt, traceHeaders, attempt: 2 }).end({ outcome: "succeeded" });

  const send = await finishedSpan("send media");
  const parents = (await finishedSpans("process media")).map((span) => span.parentSpanContext?.spanId);
  expect(parents).toEqual([send.spanContext().spanId, send.spanContext().spanId]);
});

test("a linked attempt has a trace of its own", async () => {
  const enqueue = openEnqueue();
  startProcessSpan({ ...attempt, traceHeaders: enqueue.headers(), parenting: "link" }).end({
    outcome: "succeeded",
  });
  enqueue.end();

  const [send, process] = [await finishedSpan("send media"), await finishedSpan("process media")];
  expect(process.parentSpanContext).toBeUndefined();
  expect(process.spanContext().traceId).not.toBe(send.spanContext().traceId);
  expect(process.links).toMatchObject([{ context: { spanId: send.spanContext().spanId } }]);
});

test("a run without a trace does not fall into the trace that the worker was started in", async () => {
  trace.getTracer("application").startActiveSpan("startup", (startup) => {
    startProcessSpan(attempt).end({ outcome: "succeeded" });
    startup.end();
  });
  expect((await finishedSpan("process media")).parentSpanContext).toBeUndefined();
});

test("a thread that gets the scope's headers works in the attempt's trace", async () => {
  const scope = startProcessSpan(attempt);
  runInTrace(scope.headers(), () => trace.getTracer("application").startSpan("in the thread").end());
  scope.end({ outcome: "succeeded" });
  const [process, inner] = [await finishedSpan("process media"), await finishedSpan("in the thread")];
  expect(inner.parentSpanContext?.spanId).toBe(process.spanContext().spanId);
});

test("an enqueue of the handler belongs to the span that is open where it is made", async () => {
  const scope = startProcessSpan(attempt);
  scope.run(() => {
    openEnqueue({ queue: "direct", parent: scope.callContext() }).end();
    trace.getTracer("application").startActiveSpan("step", (step) => {
      openEnqueue({ queue: "nested", parent: scope.callContext() }).end();
      step.end();
    });
  });
  openEnqueue({ queue: "outside", parent: scope.callContext() }).end();
  scope.end({ outcome: "succeeded" });

  const [process, step] = [await finishedSpan("process media"), await finishedSpan("step")];
  const parentOf = async (name: string) => (await finishedSpan(name)).parentSpanContext?.spanId;
  expect(await parentOf("send direct")).toBe(process.spanContext().spanId);
  expect(await parentOf("send nested")).toBe(step.spanContext().spanId);
  expect(await parentOf("send outside")).toBe(process.spanContext().spanId);
});

test("a trace that is not sampled stays so on its way, and is still one trace", () => {
  register(new TracerProvider({ sampler: new AlwaysOffSampler() }));
  const sent = openEnqueue().headers().traceparent ?? "";
  const handed =
    startProcessSpan({ ...attempt, traceHeaders: { traceparent: sent } }).headers().traceparent ?? "";
  expect(sent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(handed).toMatch(/-00$/);
  expect(handed.split("-")[1]).toBe(sent.split("-")[1]);
});

test("an SDK that is registered or removed later is noticed", () => {
  trace.disable();
  expect(startEnqueueSpan({ ...run, bodyBytes: 1 })).toBeUndefined();
  trace.setGlobalTracerProvider(provider);
  expect(startEnqueueSpan({ ...run, bodyBytes: 1 })).toBeDefined();
  trace.disable();
  expect(startEnqueueSpan({ ...run, bodyBytes: 1 })).toBeUndefined();
});
