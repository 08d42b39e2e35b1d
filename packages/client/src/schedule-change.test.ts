import type { WholeRunMessage } from "@umbel/broker";
import { describe, expect, test } from "vitest";
import { isFiring, isReplacement, replacement, scheduledRun, wasInTime } from "./schedule-change.ts";

const DUE = Date.UTC(2027, 0, 1);
const TARGET = "umbel.T.q.h.t.a";

function messageOf(kind: "delayed" | "retrying", runHeader: string): WholeRunMessage {
  return {
    address: { kind, queue: "q", task: "t", runId: "a" },
    subject: `umbel.S.q.${kind[0]}.t.a`,
    sequence: 7,
    runHeader,
    storedAt: 1,
    headers: [
      ["Nats-Expected-Last-Subject-Sequence", "0"],
      ["Nats-Schedule", "@at 2027-01-01T00:00:00.000Z"],
      ["Nats-Schedule-Target", TARGET],
      ["Umbel", runHeader],
      ["traceparent", "p"],
      ["tenant", "a"],
      ["tenant", "b"],
    ],
    body: new Uint8Array([1]),
  };
}

function runOf(message: WholeRunMessage): NonNullable<ReturnType<typeof scheduledRun>> {
  const run = scheduledRun(message);
  if (run === undefined) throw new Error("it was expected to be scheduled");
  return run;
}

const PLACE = { mesh: "umbel", runId: "a" };

describe("a message that waits for its time", () => {
  test("says when it is due by its schedule", () => {
    expect(scheduledRun(messageOf("delayed", "1;t;5;o"))).toMatchObject({ kind: "delayed", dueAt: DUE });
  });

  test("is none when it is ready, a stranger's, or has another schedule", () => {
    const message = messageOf("delayed", "1;t;5;o");
    const address = { kind: "ready", queue: "q", priority: "high", task: "t", runId: "a" } as const;
    expect(scheduledRun({ ...message, address })).toBeUndefined();
    expect(scheduledRun({ ...message, address: undefined })).toBeUndefined();
    expect(scheduledRun({ ...message, headers: [["Nats-Schedule", "@every 1s"]] })).toBeUndefined();
    expect(scheduledRun({ ...message, headers: [] })).toBeUndefined();
  });
});

describe("what replaces it", () => {
  test("keeps all but what the broker reads, is due when it is to be, and is verified", () => {
    const run = runOf(messageOf("delayed", `1;t;5;o;d=${DUE};x=${DUE + 10};u=k`));
    const wanted = replacement(run, { dueAt: DUE + 1_000 }, PLACE);
    const runHeader = `1;t;5;o;v=1;d=${DUE + 1_000};x=${DUE + 1_010};u=k`;
    expect(wanted).toEqual({
      subject: "umbel.S.q.d.t.a",
      body: new Uint8Array([1]),
      runHeader,
      headers: [
        ["Nats-Expected-Last-Subject-Sequence", "7"],
        ["Nats-Expected-Last-Subject-Sequence-Subject", "umbel.*.*.*.*.a"],
        ["Nats-Schedule", "@at 2027-01-01T00:00:01.000Z"],
        ["Nats-Schedule-Target", TARGET],
        ["Umbel", runHeader],
        ["traceparent", "p"],
        ["tenant", "a"],
        ["tenant", "b"],
      ],
    });
  });

  test("fires as long before it is due as what it replaces", () => {
    const run = runOf(messageOf("delayed", `1;t;5;o;d=${DUE + 400};z=${DUE + 900}`));
    expect(run).toMatchObject({ dueAt: DUE + 400, firesAt: DUE });
    const { headers, runHeader } = replacement(run, { dueAt: DUE + 1_400 }, PLACE);
    expect(headers).toContainEqual(["Nats-Schedule", "@at 2027-01-01T00:00:01.000Z"]);
    expect(runHeader).toBe(`1;t;5;o;v=1;d=${DUE + 1_400};z=${DUE + 1_900}`);
  });

  test("of a retry expires when the retry did", () => {
    const run = runOf(messageOf("retrying", `1;t;5;o;a=2;v=1;x=${DUE + 10}`));
    expect(replacement(run, { dueAt: DUE - 1 }, PLACE).runHeader).toBe(
      `1;t;5;o;a=2;v=1;d=${DUE - 1};x=${DUE + 10}`,
    );
  });

  test("with another input is due as before", () => {
    const body = new Uint8Array([2]);
    const wanted = replacement(runOf(messageOf("delayed", "1;t;5;o")), { body }, PLACE);
    expect(wanted).toMatchObject({ body, runHeader: `1;t;5;o;v=1;d=${DUE}` });
  });

  test("is known again by its header and its body, wherever it is", () => {
    const message = messageOf("delayed", "1;t;5;o");
    const wanted = replacement(runOf(message), { body: new Uint8Array([2]) }, PLACE);
    const fired = { ...message, runHeader: wanted.runHeader, body: wanted.body };
    expect(isReplacement(fired, wanted)).toBe(true);
    expect(isReplacement({ ...fired, body: message.body }, wanted)).toBe(false);
    expect(isReplacement({ ...fired, runHeader: message.runHeader }, wanted)).toBe(false);
  });
});

test("what is due this moment is firing; what is long overdue has not fired", () => {
  expect([301, 300, 0, -2_000, -2_001].map((left) => isFiring(DUE + left, DUE))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
});

test("what was stored well before the old time was in time", () => {
  expect([DUE - 151, DUE - 150, DUE + 1].map((storedAt) => wasInTime(storedAt, DUE))).toEqual([
    true,
    false,
    false,
  ]);
});
