import { formatRunHeader, UmbelError, type RunMeta, type RunRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { RunPlan } from "./run-plan.ts";
import {
  settleRepeated,
  settleTakenId,
  type OutgoingRun,
  type Published,
  type TakenIdDeps,
} from "./taken-id.ts";

const meta: RunMeta = { task: "t", enqueuedAt: 5, origin: "ME", attempt: 1, verify: true };
const conflict = new UmbelError("conflict", "taken");
const nothing: TakenIdDeps = {
  find: () => Promise.resolve(undefined),
  read: () => Promise.resolve(undefined),
  publishAgain: () => Promise.reject(conflict),
};

function outgoing(over: Partial<RunMeta> = {}): OutgoingRun {
  const shape = { mesh: "umbel", queue: "q", priority: "normal", userHeaders: {}, trace: {} } as const;
  return { plan: new RunPlan({ ...shape, meta: { ...meta, ...over } }), runId: "r", body: new Uint8Array() };
}

function stored(over: Partial<RunMeta> = {}): TakenIdDeps {
  const runHeader = formatRunHeader({ ...meta, ...over });
  return { ...nothing, find: () => Promise.resolve({ sequence: 7, runHeader }) };
}

describe("an id that was refused as taken", () => {
  test("if it was fresh, was taken by our own first try", async () => {
    await expect(settleTakenId(outgoing({ verify: false }), true, nothing)).resolves.toEqual({
      sequence: undefined,
      existed: false,
    });
  });

  test("is another's when the message that waits is another's, or when we tried only once", async () => {
    const anothers = { sequence: 7, existed: true };
    await expect(settleTakenId(outgoing(), true, stored({ origin: "YOU" }))).resolves.toEqual(anothers);
    await expect(settleTakenId(outgoing(), true, stored({ enqueuedAt: 4 }))).resolves.toEqual(anothers);
    await expect(settleTakenId(outgoing(), false, stored())).resolves.toEqual(anothers);
  });

  test("is ours when a first try was never answered and the message that waits says so", async () => {
    await expect(settleTakenId(outgoing(), true, stored())).resolves.toEqual({ sequence: 7, existed: false });
  });

  test("is a run that is over when only a record is left", async () => {
    const over = { sequence: 3, record: undefined, tombstone: true, storedAt: 1 };
    const deps = { ...nothing, read: () => Promise.resolve(over) };
    await expect(settleTakenId(outgoing(), false, deps)).resolves.toEqual({
      sequence: undefined,
      existed: true,
    });
  });

  test("is looked for again while nobody answers, and nothing is taken from that", async () => {
    let silences = 3;
    const deps: TakenIdDeps = {
      ...stored(),
      find: () =>
        silences-- > 0
          ? Promise.reject(new UmbelError("broker_unavailable", "between leaders"))
          : stored().find(),
      publishAgain: () => Promise.reject(new Error("it must not be published again")),
    };
    await expect(settleTakenId(outgoing(), true, deps)).resolves.toEqual({ sequence: 7, existed: false });
  });

  test("is refused at once when this user may not look", async () => {
    const denied = new UmbelError("permission_denied", "no");
    const deps: TakenIdDeps = { ...nothing, find: () => Promise.reject(denied) };
    await expect(settleTakenId(outgoing(), true, deps)).rejects.toBe(denied);
  });

  test("is enqueued after all when nothing of it is found", async () => {
    let refusals = 2;
    const deps: TakenIdDeps = {
      ...nothing,
      publishAgain: () => (refusals-- > 0 ? Promise.reject(conflict) : Promise.resolve({ sequence: 9 })),
    };
    await expect(settleTakenId(outgoing(), false, deps)).resolves.toEqual({ sequence: 9, existed: false });
    expect(refusals).toBe(-1);
  });

  test("is never said to exist when it cannot be found", async () => {
    await expect(settleTakenId(outgoing(), false, nothing)).rejects.toMatchObject({ code: "unconfirmed" });
  });

  test("fails as publishing it again fails", async () => {
    const full = new UmbelError("storage_full", "no room");
    const deps = { ...nothing, publishAgain: () => Promise.reject(full) };
    await expect(settleTakenId(outgoing(), false, deps)).rejects.toBe(full);
  });
});

describe("a run that was sent again and is stored", () => {
  const base = { task: "t", queue: "q", worker: "w", attempt: 1, starts: 1, at: 9, errors: [] };
  const outcome = (enqueuedAt: number): RunRecord => ({ ...base, state: "succeeded", fence: 0, enqueuedAt });
  const settle = (record: RunRecord | undefined, over: Partial<RunMeta> = {}): Promise<Published> => {
    const found = { sequence: 3, record, tombstone: false, storedAt: 1 };
    return settleRepeated(outgoing(over), 8, { read: () => Promise.resolve(record && found) });
  };

  test("is another's when that one has come and ended meanwhile", async () => {
    await expect(settle(outcome(4))).resolves.toEqual({ sequence: 8, existed: true });
  });

  test("is ours when nothing is known of it, when it is executed, and when the first try has ended already", async () => {
    const ours = { sequence: 8, existed: false };
    await expect(settle(undefined)).resolves.toEqual(ours);
    await expect(settle({ ...base, state: "running", lostStarts: 0 })).resolves.toEqual(ours);
    await expect(settle(outcome(5))).resolves.toEqual(ours);
    const away = { read: () => Promise.reject(conflict) };
    await expect(settleRepeated(outgoing(), 8, away)).resolves.toEqual(ours);
  });

  test("under an id that nobody else can have is ours without a look", async () => {
    await expect(settle(outcome(4), { verify: false })).resolves.toEqual({ sequence: 8, existed: false });
  });
});
