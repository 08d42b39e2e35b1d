import type { PublishRequest, Publisher } from "@umbel/broker";
import { parseRunHeader, type RunMeta } from "@umbel/protocol";
import { expect, test } from "vitest";
import { FakeDelivery } from "../execute/delivery.test.helper.ts";
import type { Run } from "../execute/run.ts";
import { scheduleRetry } from "./retry-schedule.ts";

const READY = "umbel.T.media.h.media~thumbnail.run-1";
const META: RunMeta = {
  task: "media.thumbnail",
  enqueuedAt: 5,
  origin: "o",
  attempt: 1,
  verify: false,
  maxAttempts: 9,
};

const DUE_AT = Date.UTC(2027, 0, 1, 9, 0, 0, 250);

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
  meta = META,
): Promise<PublishRequest[]> {
  const delivery = new FakeDelivery(READY, headers);
  const run: Run = { runId: "run-1", queue: "media", meta, handler: undefined, trace, delivery };
  const publisher = new Kept();
  const next = { attempt: 3, dueAt: DUE_AT };
  await scheduleRetry(run, next, { connection: { mesh: "umbel" }, publisher });
  return publisher.requests;
}

const SCHEDULE = [
  "NATS/1.0",
  "Nats-Expected-Last-Subject-Sequence: 7",
  `Nats-Expected-Last-Subject-Sequence-Subject: ${READY}`,
  "Nats-Schedule: @at 2027-01-01T08:59:59.850Z",
  `Nats-Schedule-Target: ${READY}`,
  `Umbel: 1;media.thumbnail;5;o;a=3;v=1;d=${DUE_AT};h=5;m=9`,
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

test("a late retry is the same run: nothing of what it says of itself is lost but the attempt and its time", async () => {
  const header =
    "1;media.thumbnail;5;o;v=1;d=6;x=9000;z=9001;m=*;e=7000;b=f,5,none;t=8;l=9000;i=1;f=a.b,mail,h;p=p;r=r;o=q;g=a,b;u=key;y=1";
  const meta = parseRunHeader(header);
  const [request] = await scheduled({ Umbel: header }, {}, meta);
  const value = /^Umbel: (.*)$/m.exec(Buffer.from(request?.headers?.encode() ?? []).toString())?.[1]?.trim();
  expect(parseRunHeader(value ?? "")).toEqual({ ...meta, attempt: 3, dueAt: DUE_AT, firstDueAt: 6 });
});

test("a late retry keeps the trace and the caller's own headers, and none of the broker's", async () => {
  const trace = { traceparent: "p", tracestate: "s" };
  const received = { ...trace, Umbel: "1;t;1;o", "Nats-Rollup": "all", "Nats-TTL": "1s", tenant: "a" };
  const [request] = await scheduled(received, trace);
  const lines = [...SCHEDULE, "traceparent: p", "tracestate: s", "tenant: a"];
  expect(Buffer.from(request?.headers?.encode() ?? []).toString()).toBe(`${lines.join("\r\n")}\r\n\r\n`);
});
