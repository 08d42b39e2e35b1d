import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { deadLetterSubject, encodeDeadLetter, UmbelError } from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { countLetters, letDie, waitingRuns } from "../helpers/dead-letters.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { discard, echo, flaky, parent, strict } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const REDRIVER = fileURLToPath(new URL("../helpers/redriving-program.ts", import.meta.url));
let journal: Journal;
beforeAll(async () => {
  journal = await createJournal();
});
afterAll(() => journal[Symbol.asyncDispose]());

/** A run that died of its input, and its mesh without any worker. */
async function dead(mesh: TestMesh, options: object = {}): Promise<string> {
  const worker = await mesh.startWorker({ modules: [LOOP] });
  const input = { journal: journal.path, size: "large" };
  const run = await mesh.client.enqueueByName(strict.name, input, options);
  await run.outcome(PATIENT);
  await mesh.eventually("it has a letter", async () => (await mesh.deadLetters()).length === 1);
  await worker.stop({ hurry: true });
  return run.id;
}

describe("a redriven run", () => {
  test("is a new one that keeps what was asked of the old one, and begins anew", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const options = {
      tags: ["import", "ü"],
      headers: { tenant: "acme" },
      priority: "high",
      retry: { maxAttempts: 7 },
      timeout: "3s",
      expires: "1h",
    };
    const deadId = await dead(mesh, options);
    const run = await mesh.client.deadLetters.redrive(deadId);
    expect(run.id).not.toBe(deadId);
    expect(run.receipt).toMatchObject({ existed: false, sequence: expect.any(Number) });
    const [waiting, ...others] = await waitingRuns(connection);
    expect(others).toEqual([]);
    expect(waiting?.address).toMatchObject({
      kind: "ready",
      queue: "default",
      priority: "high",
      runId: run.id,
    });
    expect(waiting?.meta).toEqual({
      task: strict.name,
      enqueuedAt: expect.any(Number),
      origin: expect.any(String),
      attempt: 1,
      verify: true,
      maxAttempts: 7,
      timeoutMs: 3_000,
      tags: ["import", "ü"],
      rootRunId: deadId,
      redriveOf: deadId,
    });
    expect(await countLetters(connection)).toBe(0);
    expect(await mesh.client.run(deadId).state()).toBe("failed");
    expect(await rejection(mesh.client.deadLetters.redrive(deadId))).toMatchObject({ code: "run_unknown" });
  });

  test("keeps the line that it belongs to, over several deaths", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const worker = await mesh.startWorker({ modules: [LOOP] });
    const root = await mesh.client.enqueue(parent, { journal: journal.path, children: 1 });
    const [childId = ""] = await root.result(PATIENT);
    await mesh.client.run(childId).result(PATIENT);
    const [firstId] = await mesh.client.enqueueMany(discard, [{ journal: journal.path }]);
    await firstId?.outcome(PATIENT);
    const second = await mesh.eventually("it can be redriven", async () =>
      (await mesh.deadLetters()).length === 1
        ? mesh.client.deadLetters.redrive(firstId?.id ?? "")
        : undefined,
    );
    await second.outcome(PATIENT);
    await mesh.eventually("it has died again", async () => (await mesh.deadLetters()).length === 1);
    await worker.stop({ hurry: true });
    const third = await mesh.client.deadLetters.redrive(second.id);
    const [waiting] = await waitingRuns(connection);
    expect(waiting?.runId).toBe(third.id);
    expect(waiting?.meta).toMatchObject({ redriveOf: second.id, rootRunId: firstId?.id });
  });

  test("may have another input, and another queue", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const deadId = await dead(mesh);
    const input = { journal: journal.path, size: 7 };
    const run = await mesh.client.deadLetters.redrive(deadId, { input, queue: "repairs" });
    expect(await run.info()).toMatchObject({ queue: "repairs", state: "queued" });
    await mesh.startWorker({ modules: [LOOP], queues: ["repairs"] });
    expect(await run.result(PATIENT)).toEqual({ size: 7 });
    expect(journal.starts(run.id)).toHaveLength(1);
  });

  test("may have each input edited on the way", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const deadId = await dead(mesh);
    const summary = await mesh.client.deadLetters.redrive([deadId, "nobody"], {
      editInput: (input, letter) => {
        expect(letter).toMatchObject({ runId: deadId, task: strict.name });
        return Object.assign({}, input, { size: 8 });
      },
      onRun: (run, redriveOf) => {
        expect(redriveOf).toBe(deadId);
        redriven.push(run.result(PATIENT));
      },
    });
    expect(summary).toMatchObject({ done: 1, missing: 1, missingIds: ["nobody"] });
    await mesh.startWorker({ modules: [LOOP] });
    expect(await redriven[0]).toEqual({ size: 8 });
  });
  const redriven: Promise<unknown>[] = [];
});

describe("a dead letter gives one run", () => {
  test("to operators who redrive it at the same time", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const deadIds = await letDie(mesh, journal.path, 40);
    const others = await Promise.all([mesh.connect(), mesh.connect()]);
    const summaries = await Promise.all(
      [mesh.client, ...others].map((client) => client.deadLetters.redrive({ task: discard.name })),
    );
    const waiting = await waitingRuns(connection);
    expect(waiting.map(({ meta }) => meta.redriveOf ?? "").toSorted()).toEqual(deadIds.toSorted());
    expect(summaries.reduce((sum, { done }) => sum + done, 0)).toBe(40);
    expect(await countLetters(connection)).toBe(0);
  });

  test("to two who ask for the one letter, and both get the same handle", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const [deadId = ""] = await letDie(mesh, journal.path, 1);
    const other = await mesh.connect();
    const both = await Promise.allSettled([
      mesh.client.deadLetters.redrive(deadId),
      other.deadLetters.redrive(deadId),
    ]);
    const runs = both.flatMap((settled) => (settled.status === "fulfilled" ? [settled.value] : []));
    const [waiting, ...more] = await waitingRuns(connection);
    expect(more).toEqual([]);
    expect(runs.length).toBeGreaterThan(0);
    expect(new Set(runs.map(({ id }) => id))).toEqual(new Set([waiting?.runId]));
    // Whoever came when the letter was gone was told so.
    const refusals = both.flatMap((settled) => (settled.status === "rejected" ? [settled.reason] : []));
    expect(refusals.filter((reason) => !UmbelError.is(reason, "run_unknown"))).toEqual([]);
  });

  test("when the first redrive could not remove the letter, even after its run has ended", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const worker = await mesh.startWorker({ modules: [LOOP] });
    const failing = await mesh.client.enqueue(
      flaky,
      { journal: journal.path, failures: 9 },
      { retry: { maxAttempts: 1 } },
    );
    await failing.outcome(PATIENT);
    const letter = await mesh.eventually("it has a letter", async () => (await mesh.deadLetters()).at(0));
    const input = { journal: journal.path, failures: 0 };
    const run = await mesh.client.deadLetters.redrive(failing.id, { input });
    await run.result(PATIENT);
    // As a crash before the removal leaves it, or a late worker that keeps the letter once more.
    await putBack(mesh, letter);
    const again = await mesh.client.deadLetters.redrive(failing.id);
    expect(again.id).toBe(run.id);
    expect(again.receipt?.existed).toBe(true);
    expect(await countLetters(connection)).toBe(0);
    await worker.stop({ hurry: true });
    expect(await waitingRuns(connection)).toEqual([]);
    expect(journal.starts(run.id)).toHaveLength(1);
  });

  test("when the redriving process is killed in the middle of 500 letters and another one goes on", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const deadIds = await letDie(mesh, journal.path, 500);
    const doomed = spawn(process.execPath, [...process.execArgv, REDRIVER, mesh.url, mesh.name], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    doomed.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      if (said.length >= 60) doomed.kill("SIGKILL");
    });
    const [, signal]: unknown[] = await once(doomed, "exit");
    expect(signal).toBe("SIGKILL");
    const left = await countLetters(connection);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(500);

    const summary = await mesh.client.deadLetters.redrive({ all: true });
    expect(summary.done + summary.existed).toBe(left);
    const waiting = await waitingRuns(connection);
    expect(waiting.map(({ meta }) => meta.redriveOf ?? "").toSorted()).toEqual(deadIds.toSorted());
    expect(await countLetters(connection)).toBe(0);
  });
});

test("a redriven run can be awaited by whoever redrove it", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const deadId = await dead(mesh);
  await mesh.startWorker({ modules: [LOOP] });
  const run = await mesh.client.deadLetters.redrive(deadId, { input: { journal: journal.path, size: 3 } });
  expect(await run.result(PATIENT)).toEqual({ size: 3 });
  const other = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 });
  expect(await other.result(PATIENT)).toBe(1);
});

/** Store `letter` again, as somebody does who did not hear that it is there. */
async function putBack(
  mesh: TestMesh,
  { letter, queue, task, runId }: Awaited<ReturnType<TestMesh["deadLetters"]>>[number],
): Promise<void> {
  if (letter === undefined) throw new Error("the letter cannot be read");
  await using connection = await connectTo(mesh);
  connection.nats.publish(deadLetterSubject(mesh.name, queue, { task, runId }), encodeDeadLetter(letter));
  await connection.flush();
}
