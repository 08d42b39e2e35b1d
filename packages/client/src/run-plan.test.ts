import type { EncodedHeaders } from "@umbel/broker";
import { parseRunHeader, type RunMeta } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { RunPlan, type RunShape } from "./run-plan.ts";

const META: RunMeta = {
  task: "media.thumbnail",
  enqueuedAt: 1_795_460_800_000,
  origin: "billing-1",
  attempt: 1,
  verify: false,
};
const SHAPE: RunShape = {
  mesh: "umbel",
  queue: "media",
  priority: "normal",
  meta: META,
  userHeaders: {},
  trace: {},
};
const CHOSEN: RunShape = { ...SHAPE, meta: { ...META, verify: true } };
const DELAYED: RunShape = { ...SHAPE, meta: { ...META, dueAt: Date.UTC(2027, 0, 1, 9, 0, 0, 250) } };

const READY = "umbel.T.media.n.media~thumbnail.run-1";
const UMBEL = "Umbel: 1;media.thumbnail;1795460800000;billing-1";
const NOTHING_THERE = "Nats-Expected-Last-Subject-Sequence: 0";
const NOTHING_ANYWHERE = "Nats-Expected-Last-Subject-Sequence-Subject: umbel.*.*.*.*.run-1";
const SCHEDULE = ["Nats-Schedule: @at 2027-01-01T08:59:59.850Z", `Nats-Schedule-Target: ${READY}`];

const text = (headers: EncodedHeaders): string => Buffer.from(headers.encode()).toString();
const lines = (...all: readonly string[]): string => `NATS/1.0\r\n${all.join("\r\n")}\r\n\r\n`;
const first = (shape: RunShape): string => text(new RunPlan(shape).firstHeaders("run-1"));
const repeat = (shape: RunShape): string => text(new RunPlan(shape).repeatHeaders("run-1"));

describe("a run is published", () => {
  test("on its own subject: its queue, priority, task and id", () => {
    expect(new RunPlan(SHAPE).subject("run-1")).toBe(READY);
    const urgent: RunShape = { ...SHAPE, mesh: "other", queue: "q", priority: "high" };
    expect(new RunPlan(urgent).subject("run-2")).toBe("other.T.q.h.media~thumbnail.run-2");
  });

  test("on a subject where it is not ready while it is delayed", () => {
    expect(new RunPlan(DELAYED).subject("run-1")).toBe("umbel.S.media.d.media~thumbnail.run-1");
  });

  test("as ready when it is due so soon that its worker holds it until then", () => {
    const soon: RunShape = { ...SHAPE, meta: { ...META, dueAt: META.enqueuedAt + 400 } };
    expect(new RunPlan(soon).subject("run-1")).toBe(READY);
    expect(first(soon)).toBe(lines(NOTHING_THERE, NOTHING_ANYWHERE, `${UMBEL};d=${META.enqueuedAt + 400}`));
    const later: RunShape = { ...SHAPE, meta: { ...META, dueAt: META.enqueuedAt + 401 } };
    expect(new RunPlan(later).subject("run-1")).toBe("umbel.S.media.d.media~thumbnail.run-1");
  });

  test("with what its plan says of it", () => {
    expect(new RunPlan(SHAPE).meta).toBe(META);
  });
});

describe("the first try", () => {
  test("of a fresh id expects nothing on its own subject, and nothing else", () => {
    expect(first(SHAPE)).toBe(lines(NOTHING_THERE, UMBEL));
  });

  test("of a chosen id expects nothing wherever the run may wait, and makes the worker look at its record", () => {
    expect(first(CHOSEN)).toBe(lines(NOTHING_THERE, NOTHING_ANYWHERE, `${UMBEL};v=1`));
  });

  test("of a delayed run expects nothing anywhere, and is a schedule that becomes the ready message", () => {
    expect(first(DELAYED)).toBe(
      lines(NOTHING_THERE, NOTHING_ANYWHERE, `${UMBEL};d=${Date.UTC(2027, 0, 1, 9, 0, 0, 250)}`, ...SCHEDULE),
    );
  });

  test("carries the trace and the caller's own headers", () => {
    const traced: RunShape = {
      ...SHAPE,
      trace: { traceparent: "00-a-b-01", tracestate: "v=1" },
      userHeaders: { tenant: "ä", empty: "" },
    };
    expect(first(traced)).toBe(
      lines(NOTHING_THERE, UMBEL, "traceparent: 00-a-b-01", "tracestate: v=1", "tenant: ä", "empty: "),
    );
    expect(first({ ...SHAPE, trace: { traceparent: "00-a-b-01" } })).toBe(
      lines(NOTHING_THERE, UMBEL, "traceparent: 00-a-b-01"),
    );
  });

  test("of all fresh ids of a plan has the same bytes, made once; of a chosen one its own", () => {
    const fresh = new RunPlan(SHAPE);
    expect(fresh.firstHeaders("run-2")).toBe(fresh.firstHeaders("run-1"));
    const delayed = new RunPlan(DELAYED);
    expect(text(delayed.firstHeaders("run-2"))).toBe(
      text(delayed.firstHeaders("run-1")).replaceAll("run-1", "run-2"),
    );
  });
});

describe("a repeat", () => {
  test.each([
    ["a fresh id", SHAPE],
    ["a chosen id", CHOSEN],
  ])("of %s expects nothing anywhere and makes the worker look at the record", (_, shape) => {
    expect(repeat(shape)).toBe(lines(NOTHING_THERE, NOTHING_ANYWHERE, `${UMBEL};v=1`));
  });

  test("of a delayed run is still the schedule", () => {
    const due = `d=${Date.UTC(2027, 0, 1, 9, 0, 0, 250)}`;
    expect(repeat(DELAYED)).toBe(lines(NOTHING_THERE, NOTHING_ANYWHERE, `${UMBEL};v=1;${due}`, ...SCHEDULE));
  });

  test("does not change what a later first try says", () => {
    const plan = new RunPlan(SHAPE);
    plan.repeatHeaders("run-1");
    expect(text(plan.firstHeaders("run-1"))).toBe(lines(NOTHING_THERE, UMBEL));
  });
});

describe("in an atomic batch", () => {
  test("a run expects nothing on its own subject: the server refuses to look at others", () => {
    const pairs = new Map(new RunPlan({ ...SHAPE, userHeaders: { tenant: "a" } }).batchHeaders("run-1"));
    expect(pairs).toEqual(
      new Map([
        ["Nats-Expected-Last-Subject-Sequence", "0"],
        ["Umbel", UMBEL.slice("Umbel: ".length)],
        ["tenant", "a"],
      ]),
    );
  });

  test("a delayed run is a schedule of its own", () => {
    const pairs = new Map(new RunPlan(DELAYED).batchHeaders("run-2"));
    expect(pairs.get("Nats-Schedule-Target")).toBe(READY.replace("run-1", "run-2"));
  });
});

test("what the header says is what the worker reads", () => {
  const meta: RunMeta = { ...META, verify: true, maxAttempts: 2, parentRunId: "p", rootRunId: "r" };
  const value = new Map(new RunPlan({ ...SHAPE, meta }).batchHeaders("run-1")).get("Umbel");
  expect(parseRunHeader(value ?? "")).toEqual(meta);
});
