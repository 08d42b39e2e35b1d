import { ROOT_CONTEXT, context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { NO_TRACE, createLogger, startProcessSpan } from "@umbel/telemetry";
import { afterAll, beforeAll, expect, test } from "vitest";

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  trace.setGlobalTracerProvider(new TracerProvider());
});
afterAll(() => {
  trace.disable();
  context.disable();
});

function capture() {
  const lines: string[] = [];
  const logger = createLogger({ destination: { write: (line) => lines.push(line) } });
  return { logger, records: (): unknown[] => lines.map((line) => JSON.parse(line)) };
}

test("a handler's lines carry the ids of its attempt's span, also after an await and from a child", async () => {
  const { logger, records } = capture();
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
    traceHeaders: NO_TRACE,
  });
  await scope.run(async () => {
    logger.info({}, "before");
    await Promise.resolve();
    logger.child({ runId: "r1" }).info({ step: 2 }, "after");
  });

  const span = trace.getSpanContext(scope.context);
  const ids = { trace_id: span?.traceId, span_id: span?.spanId, trace_flags: "01" };
  expect(records()).toMatchObject([
    { msg: "before", ...ids },
    { msg: "after", step: 2, runId: "r1", ...ids },
  ]);
});

test("a line outside of any span has no trace ids, and neither has one in an invalid span", () => {
  const { logger, records } = capture();
  logger.info({}, "outside");
  const invalid = { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };
  context.with(trace.setSpanContext(ROOT_CONTEXT, invalid), () => logger.info({}, "invalid"));
  for (const record of records()) expect(record).not.toHaveProperty("trace_id");
  expect(records()).toHaveLength(2);
});

test("the fields of a line win over those of the active span", () => {
  const { logger, records } = capture();
  trace.getTracer("application").startActiveSpan("span", () => logger.info({ trace_id: "of a thread" }, "m"));
  expect(records()).toMatchObject([{ trace_id: "of a thread", span_id: expect.any(String) }]);
});
