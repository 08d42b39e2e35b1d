import type { PublishRequest, Publisher } from "@umbel/broker";
import type { RunMeta } from "@umbel/protocol";
import { expect, test } from "vitest";
import { FakeDelivery } from "../execute/delivery.test.helper.ts";
import type { Run } from "../execute/run.ts";
import { scheduleRetry } from "./retry-schedule.ts";

const READY = "umbel.T.media.h.media~thumbnail.run-1";
const DUE = Date.UTC(2027, 0, 1, 9, 0, 0, 250);
const META: RunMeta = {
  task: "media.thumbnail",
  enqueuedAt: 5,
  origin: "o",
  attempt: 1,
  verify: false,
  maxAttempts: 9,
};

/** Keeps what is published. */
class Kept implements Pick<Publisher, "publish"> {
  readonly requests: PublishRequest[] = [];

  async publish(request: PublishRequest): Promise<{ sequence: number; repeated: boolean }> {
    this.requests.push(request);
    return { sequence: 8, repeated: false };
  }
}

async function scheduled(
  headers: Record<string, string>,
  trace: Run["trace"] = {},
): Promise<PublishRequest[]> {
  const delivery = new FakeDelivery(READY, headers);
  const run: Run = { runId: "run-1", queue: "media", meta: META, handler: undefined, trace, delivery };
  const publisher = new Kept();
  const next = { attempt: 3, dueAt: DUE };
  await scheduleRetry(run, next, { connection: { mesh: "umbel" }, publisher });
  return publisher.requests;
}

const SCHEDULE = [
  "NATS/1.0",
  "Nats-Expected-Last-Subject-Sequence: 7",
  `Nats-Expected-Last-Subject-Sequence-Subject: ${READY}`,
  "Nats-Schedule: @at 2027-01-01T08:59:59.850Z",
  `Nats-Schedule-Target: ${READY}`,
  `Umbel: 1;media.thumbnail;5;o;a=3;v=1;d=${DUE};m=9`,
];

test("a late retry becomes the run's ready message in time, while its message is still there", async () => {
  const [request, ...more] = await scheduled({ Umbel: "1;media.thumbnail;5;o;m=9" });
  expect(more).toEqual([]);
  expect(request).toMatchObject({
    subject: "umbel.S.media.r.media~thumbnail.run-1",
    body: new Uint8Array([1]),
  });
  expect(Buffer.from(request?.headers?.encode() ?? []).toString()).toBe(`${SCHEDULE.join("\r\n")}\r\n\r\n`);
});

test("a late retry keeps the trace and the caller's own headers, and none of the broker's", async () => {
  const trace = { traceparent: "p", tracestate: "s" };
  const received = { ...trace, Umbel: "1;t;1;o", "Nats-Rollup": "all", "Nats-TTL": "1s", tenant: "a" };
  const [request] = await scheduled(received, trace);
  const lines = [...SCHEDULE, "traceparent: p", "tracestate: s", "tenant: a"];
  expect(Buffer.from(request?.headers?.encode() ?? []).toString()).toBe(`${lines.join("\r\n")}\r\n\r\n`);
});
