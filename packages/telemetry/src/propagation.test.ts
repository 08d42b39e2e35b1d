import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, TraceFlags, createTraceState, trace } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import { expect, test } from "vitest";
import { NO_TRACE, extractTrace, injectTrace, runInTrace } from "./propagation.ts";

const spanContext = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: TraceFlags.SAMPLED,
};
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("a trace comes out of its headers as it went in", () => {
  const sent = trace.setSpanContext(ROOT_CONTEXT, {
    ...spanContext,
    traceState: createTraceState("vendor=a1"),
  });
  const headers = injectTrace(sent);
  expect(headers).toEqual({ traceparent, tracestate: "vendor=a1" });

  const received = trace.getSpanContext(extractTrace(headers));
  expect(received).toMatchObject({ ...spanContext, isRemote: true });
  expect(received?.traceState?.get("vendor")).toBe("a1");
});

test("a key without a value is absent", () => {
  expect(Object.keys(injectTrace(trace.setSpanContext(ROOT_CONTEXT, spanContext)))).toEqual(["traceparent"]);
  const emptyState = { ...spanContext, traceState: createTraceState("") };
  expect(Object.keys(injectTrace(trace.setSpanContext(ROOT_CONTEXT, emptyState)))).toEqual(["traceparent"]);
});

test("where there is no trace, the one shared empty object is returned", () => {
  expect(injectTrace()).toBe(NO_TRACE);
  expect(injectTrace(ROOT_CONTEXT)).toBe(NO_TRACE);
  expect(injectTrace(trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT))).toBe(NO_TRACE);
  expect(injectTrace(suppressTracing(trace.setSpanContext(ROOT_CONTEXT, spanContext)))).toBe(NO_TRACE);
  expect(Object.isFrozen(NO_TRACE)).toBe(true);
});

test.each(["", "garbage", `${traceparent}-more`, traceparent.replace("b7ad6b7169203331", "0".repeat(16))])(
  "the malformed traceparent %j leaves the base context as it is",
  (malformed) => {
    const base = ROOT_CONTEXT.setValue(Symbol("mark"), 1);
    expect(extractTrace({ traceparent: malformed }, base)).toBe(base);
  },
);

test("extraction keeps what the base context holds", () => {
  const mark = Symbol("mark");
  const context = extractTrace({ traceparent }, ROOT_CONTEXT.setValue(mark, 1));
  expect(context.getValue(mark)).toBe(1);
  expect(trace.getSpanContext(context)?.traceId).toBe(spanContext.traceId);
});

test("runInTrace returns what the function returns, with a trace or without", () => {
  expect(runInTrace(NO_TRACE, () => 1)).toBe(1);
  expect(runInTrace({ traceparent }, () => 2)).toBe(2);
});
