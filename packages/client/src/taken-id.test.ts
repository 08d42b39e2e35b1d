import { formatRunHeader, UmbelError, type RunMeta } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { RunPlan } from "./run-plan.ts";
import { settleTakenId, type OutgoingRun, type TakenIdDeps } from "./taken-id.ts";

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
