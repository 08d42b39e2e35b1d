import { Publisher, RunRecords } from "@umbel/broker";
import { createTestMesh } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, quick, rest, slowRetry } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
let journal: Journal;
beforeAll(async () => {
  journal = await createJournal();
});
afterAll(() => journal[Symbol.asyncDispose]());

const inputs = (count: number): { readonly journal: string; readonly value: number }[] =>
  Array.from({ length: count }, (_, value) => ({ journal: journal.path, value }));

describe("cancelling all that match", () => {
  test("cancels 1000 of 2000 without a worker, and a worker executes exactly the others", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const { client } = mesh;
    const doomed = await client.enqueueMany(echo, inputs(1_000), { tags: ["import", "old"] });
    const others = await client.enqueueMany(echo, inputs(1_000), { tags: ["import"] });
    const progress: number[] = [];
    const summary = await client.cancelMatching(
      { tag: "old", task: echo.name, queue: "default", state: "queued" },
      { reason: "imported twice", by: "ada", onProgress: ({ cancelled }) => progress.push(cancelled) },
    );
    expect(summary).toEqual({ cancelled: 1_000, ended: 0, unknown: 0, endedIds: [], unknownIds: [] });
    expect(progress).toHaveLength(1_000);
    expect(await openRuns(connection)).toBe(1_000);
    expect(await doomed[500]?.info()).toMatchObject({
      state: "cancelled",
      reason: "imported twice",
      by: "ada",
      tags: ["import", "old"],
      task: echo.name,
    });
    await mesh.startWorker({ modules: [LOOP] });
    const values = await Promise.all(others.map((run) => run.result(PATIENT)));
    expect(values).toHaveLength(1_000);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    const started = new Set(journal.starts().map(({ runId }) => runId));
    expect(doomed.filter(({ id }) => started.has(id))).toEqual([]);
    expect(others.filter(({ id }) => !started.has(id))).toEqual([]);
  });

  test("finds runs that are scheduled, retrying and running, by their state too", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const { client } = mesh;
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path };
    const scheduled = await client.enqueue(quick, 1, { delay: "1h" });
    const retrying = await client.enqueue(slowRetry, { ...input, failures: 1 });
    const running = await client.enqueue(rest, { ...input, ms: 60_000 });
    await mesh.waitForState(retrying.id, "retrying");
    await mesh.eventually("it runs", () => journal.starts(running.id).length > 0);
    const queued = await client.enqueue(quick, 1, { queue: "unserved" });

    const cancelled = async (state: "running" | "retrying" | "scheduled"): Promise<number> =>
      (await client.cancelMatching({ state })).cancelled;
    expect(await cancelled("running")).toBe(1);
    expect(await running.state()).toBe("cancelled");
    await mesh.eventually("its signal has aborted", () =>
      journal.entries.some(({ what, runId }) => what === "aborted" && runId === running.id),
    );
    expect(await retrying.state()).toBe("retrying");
    expect(await cancelled("retrying")).toBe(1);
    expect(await retrying.state()).toBe("cancelled");
    expect(await cancelled("scheduled")).toBe(1);
    expect(await scheduled.state()).toBe("cancelled");
    expect(await queued.state()).toBe("queued");
    expect(await client.cancelMatching({ all: true })).toMatchObject({ cancelled: 1 });
    expect(await queued.state()).toBe("cancelled");
  });

  test("leaves alone what is enqueued meanwhile, and goes on where an interrupted one has stopped", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const { client } = mesh;
    await client.enqueueMany(quick, Array<number>(200).fill(1));
    const controller = new AbortController();
    const stopped = new Error("stopped");
    let late: Promise<unknown> | undefined;
    const stopping = client.cancelMatching(
      { task: quick.name },
      {
        signal: controller.signal,
        onProgress: ({ cancelled }) => {
          if (cancelled === 20) controller.abort(stopped);
        },
      },
    );
    await expect(stopping).rejects.toBe(stopped);
    const left = await openRuns(connection);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(180);
    const summary = await client.cancelMatching(
      { task: quick.name },
      { onProgress: () => void (late ??= client.enqueue(quick, 2)) },
    );
    expect(summary.cancelled).toBe(left);
    await late;
    expect(await openRuns(connection)).toBe(1);
  });
});

test("a cancel that was cut off between outcome and removal is finished by the next one", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  using publisher = new Publisher(connection);
  const run = await mesh.client.enqueue(quick, 1);
  const outcome = { state: "cancelled", task: quick.name, queue: "default", worker: "", at: 5 } as const;
  const nothing = { attempt: 0, starts: 0, errors: [], fence: 0, enqueuedAt: 5 };
  await new RunRecords(connection, publisher).write(run.id, { ...outcome, ...nothing }, { expected: 0 });
  expect(await openRuns(connection)).toBe(1);
  expect(await mesh.client.cancelMatching({ state: "queued" })).toMatchObject({ cancelled: 1 });
  expect(await openRuns(connection)).toBe(0);
});

describe("cancelling by ids", () => {
  test("tells which had ended and which nobody knows", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const { client } = mesh;
    const worker = await mesh.startWorker({ modules: [LOOP] });
    const ended = await client.enqueue(quick, 1);
    await ended.result(PATIENT);
    await worker.stop({ hurry: true });
    const waiting = await client.enqueue(quick, 1);
    const later = await client.enqueue(quick, 1, { delay: "1h" });
    const ids = [ended.id, waiting.id, "nobody", later.id, waiting.id];
    expect(await client.cancel(ids, { reason: "over", by: "ada" })).toEqual({
      cancelled: 2,
      ended: 1,
      unknown: 1,
      endedIds: [ended.id],
      unknownIds: ["nobody"],
    });
    expect(await rejection(waiting.result(PATIENT))).toMatchObject({
      code: "run_cancelled",
      reason: "over",
      by: "ada",
    });
    expect(await ended.state()).toBe("succeeded");
  });

  test.each<{ what: string; ids: unknown; options: object; message: RegExp }>([
    { what: "a wrong id", ids: ["ok", "a b"], options: {}, message: /cancel\[1\]: expected a run id/ },
    {
      what: "a long reason",
      ids: ["ok"],
      options: { reason: "x".repeat(1_001) },
      message: /cancel.reason: expected text of at most 1000/,
    },
    { what: "somebody who is no text", ids: ["ok"], options: { by: 5 }, message: /cancel.by: / },
    { what: "an unknown option", ids: ["ok"], options: { raeson: "" }, message: /Did you mean "reason"/ },
  ])("refuses $what, and cancels nothing", async ({ ids, options, message }) => {
    await using mesh = await createTestMesh({ server: shared.url });
    const run = await mesh.client.enqueue(quick, 1, { runId: "ok" });
    const cancel = Promise.try(() => Reflect.apply(mesh.client.cancel, mesh.client, [ids, options]));
    expect(await rejection(cancel)).toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(message),
    });
    expect(await run.state()).toBe("queued");
  });

  test.each([
    [{}, /at least one of state, queue, task, tag, key, or all: true/],
    [{ all: true, task: "t" }, /or all: true alone/],
    [{ state: "succeeded" }, /states of runs that have not ended/],
    [{ state: "quued" }, /Did you mean "queued"/],
    [{ tagg: "a" }, /Did you mean "tag"/],
  ])("or by the filter %j", async (filter, message) => {
    await using mesh = await createTestMesh({ server: shared.url });
    const run = await mesh.client.enqueue(quick, 1, { tags: ["a"] });
    const cancel = Promise.try(() => Reflect.apply(mesh.client.cancelMatching, mesh.client, [filter]));
    expect(await rejection(cancel)).toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(message),
    });
    expect(await run.state()).toBe("queued");
  });
});
