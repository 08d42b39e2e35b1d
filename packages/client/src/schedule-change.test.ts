import type { WholeRunMessage } from "@umbel/broker";
import { describe, expect, test } from "vitest";
import {
  hasBegun,
  isFiring,
  isNear,
  isReplacement,
  judgeReplacement,
  replacement,
  scheduledRun,
} from "./schedule-change.ts";

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

describe("a replacement that was stored", () => {
  const before = messageOf("delayed", `1;t;5;o;d=${DUE}`);
  const run = runOf(before);
  const wanted = replacement(run, { dueAt: DUE + 9_000 }, PLACE);
  const waiting = {
    ...before,
    ...wanted,
    headers: [["Nats-Schedule", "@at 2027-01-01T00:00:09.000Z"]],
  } as const;
  const ready = { kind: "ready", queue: "q", priority: "high", task: "t", runId: "a" } as const;
  const judged = (
    found: WholeRunMessage | undefined,
    { begun = false, at = DUE - 1_000 } = {},
  ): ReturnType<typeof judgeReplacement> =>
    judgeReplacement({ run, wanted, at, sequence: 9 }, { found, begun });

  test("stands when it was stored well before the old time", () => {
    const stored = (storedAt: number): WholeRunMessage => ({ ...waiting, sequence: 9, storedAt });
    expect([DUE - 151, DUE - 150, DUE + 1].map((at) => judged(stored(at)))).toEqual([
      "changed",
      "open",
      "open",
    ]);
  });

  test("stands when it has become ready, or somebody has changed it again", () => {
    expect(judged({ ...waiting, sequence: 10, address: ready })).toBe("changed");
    expect(judged({ ...before, sequence: 10 })).toBe("changed");
  });

  test("came too late when the run has become ready as it was, or is over by its old time", () => {
    expect(judged({ ...before, sequence: 10, address: ready })).toBe("ready");
    expect(judged(undefined)).toBe("ready");
    expect(judged(undefined, { at: DUE - 6_000 })).toBe("changed");
  });

  test("came too late when the run has begun near its old time, although it waits or has become ready too", () => {
    expect(judged({ ...waiting, sequence: 9, storedAt: DUE + 1 }, { begun: true })).toBe("ready");
    expect(judged({ ...waiting, sequence: 10, address: ready }, { begun: true })).toBe("ready");
  });
});

test("a run has begun when its record is a claim, an outcome, or has expired", () => {
  const states = ["running", "succeeded", "cancelled", "retrying", "queued"] as const;
  const begun = states.map((state) => hasBegun({ tombstone: false, record: { state } }));
  expect(begun).toEqual([true, true, true, false, false]);
  expect(hasBegun({ tombstone: true, record: undefined })).toBe(true);
  expect([hasBegun(undefined), hasBegun({ tombstone: false, record: undefined })]).toEqual([false, false]);
});

test("a schedule is near five seconds before it fires, and ever after", () => {
  expect([DUE - 5_001, DUE - 5_000, DUE + 60_000].map((now) => isNear(DUE, now))).toEqual([
    false,
    true,
    true,
  ]);
});
