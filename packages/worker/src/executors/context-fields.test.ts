import { expect, test } from "vitest";
import { userHeaders } from "./context-fields.ts";

test("a handler sees the caller's own headers, and none of the broker's, Umbel's or the trace's", () => {
  const headers = {
    Umbel: "1;t;1;o",
    "Nats-Expected-Last-Subject-Sequence": "0",
    traceparent: "p",
    tracestate: "s",
    tenant: "a",
    "x-empty": "",
  };
  expect(userHeaders(headers)).toEqual({ tenant: "a", "x-empty": "" });
});
