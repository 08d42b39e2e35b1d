import { setImmediate } from "node:timers/promises";
import type { Publication } from "@umbel/broker";
import { UmbelError } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { publishMany, type BulkPublisher, type BulkRuns } from "./enqueue-many.ts";
import { RunPlan } from "./run-plan.ts";

const PLAN = new RunPlan({
  mesh: "umbel",
  queue: "q",
  priority: "normal",
  meta: { task: "t", enqueuedAt: 5, origin: "o", attempt: 1, verify: false },
  userHeaders: {},
  trace: {},
});

/** Holds what is submitted until a test answers it. */
class Submitted implements BulkPublisher {
  readonly publications: Publication[] = [];

  submit(publication: Publication): void {
    this.publications.push(publication);
  }

  stored(index: number, sequence: number): void {
    this.publications[index]?.onStored(sequence, false);
  }

  refused(index: number, error: UmbelError, repeated = false): void {
    this.publications[index]?.onRefused(error, repeated);
  }
}

function runs(count: number): BulkRuns {
  const runIds = Array.from({ length: count }, (_, index) => `run-${index}`);
  return { plan: PLAN, runIds, bodies: runIds.map((_, index) => new Uint8Array([index % 256])) };
}

function publish(count: number): { submitted: Submitted; result: Promise<unknown> } {
  const submitted = new Submitted();
  const result = publishMany(runs(count), submitted).catch((error: unknown) => error);
  return { submitted, result };
}

describe("a bulk", () => {
  test("of no runs is done", async () => {
    const { submitted, result } = publish(0);
    await expect(result).resolves.toEqual([]);
    expect(submitted.publications).toEqual([]);
  });

  test("gives the place of each run, in their order, whatever order they are stored in", async () => {
    const { submitted, result } = publish(3);
    submitted.stored(2, 30);
    submitted.stored(0, 10);
    submitted.stored(1, 20);
    await expect(result).resolves.toEqual([10, 20, 30]);
  });

  test("publishes each run with its own subject and input, and with its own headers when it is repeated", () => {
    const [first, second] = publish(2).submitted.publications;
    expect([first?.subject, second?.subject]).toEqual(["umbel.T.q.n.t.run-0", "umbel.T.q.n.t.run-1"]);
    expect([first?.body, second?.body]).toEqual([new Uint8Array([0]), new Uint8Array([1])]);
    expect(second?.headers?.encode()).toEqual(PLAN.firstHeaders("run-1").encode());
    expect(second?.repeatHeaders?.().encode()).toEqual(PLAN.repeatHeaders("run-1").encode());
  });

  test("has no more than 2048 runs on their way at a time", async () => {
    const { submitted, result } = publish(2_050);
    expect(submitted.publications).toHaveLength(2_048);
    submitted.stored(5, 1);
    expect(submitted.publications).toHaveLength(2_049);
    for (let index = 0; index < 2_050; index++) if (index !== 5) submitted.stored(index, index);
    await expect(result).resolves.toHaveLength(2_050);
  });
});

describe("a bulk that is refused in part", () => {
  const full = new UmbelError("storage_full", "the stream is full", { details: { stream: "UMBEL_TASKS" } });
  const conflict = new UmbelError("conflict", "it is there already");

  test("says which runs are stored, once every one that was sent is answered", async () => {
    const { submitted, result } = publish(3);
    submitted.stored(1, 20);
    submitted.refused(0, full);
    await expect(Promise.race([result, setImmediate("open")])).resolves.toBe("open");
    submitted.stored(2, 30);
    await expect(result).resolves.toMatchObject({
      code: "storage_full",
      message: "2 of 3 runs are enqueued, then: the stream is full",
      cause: full,
      details: { stream: "UMBEL_TASKS", stored: ["run-1", "run-2"], notStored: 1 },
    });
  });

  test("sends nothing more, and reports the first refusal", async () => {
    const { submitted, result } = publish(3_000);
    submitted.refused(0, full);
    for (let index = 1; index < 2_048; index++) submitted.refused(index, conflict);
    expect(submitted.publications).toHaveLength(2_048);
    await expect(result).resolves.toMatchObject({
      code: "storage_full",
      details: { stored: [], notStored: 3_000 },
    });
  });

  test("takes a fresh id that is there already for its own first try, if there was one", async () => {
    const { submitted, result } = publish(2);
    submitted.refused(0, conflict, true);
    submitted.stored(1, 20);
    await expect(result).resolves.toEqual([undefined, 20]);
  });

  test("takes it for an error when it was sent only once", async () => {
    const { submitted, result } = publish(1);
    submitted.refused(0, conflict, false);
    await expect(result).resolves.toMatchObject({ code: "conflict", details: { notStored: 1 } });
  });

  test("takes any other refusal of a repeat for what it is", async () => {
    const { submitted, result } = publish(1);
    submitted.refused(0, full, true);
    await expect(result).resolves.toMatchObject({ code: "storage_full" });
  });
});
