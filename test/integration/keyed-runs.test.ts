import { DEFAULT_LANES, encodeToken, laneOf, runSubject, streamNames } from "@umbel/protocol";
import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { readSteps, type StepEntry } from "../helpers/keyed-steps.ts";
import { failingStep, gatedStep, step, unkeyedStep } from "../helpers/keyed-tasks.ts";
import { KEYED } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";

// What becomes of a keyed run that fails, is cancelled, has an unknown task or a stopping worker.

const shared = shareServer();
const worker = { modules: [KEYED], queues: ["ordered"] } as const;
const PATIENT = { timeout: "50s" } as const;

function told(entries: readonly StepEntry[]): readonly string[] {
  return entries.map(({ what, number }) => `${what} ${number}`);
}

describe("a keyed run that fails", () => {
  test("holds its lane until its next attempt", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    await mesh.client.enqueue(failingStep, { ...place, number: 0, failures: 2 });
    const last = await mesh.client.enqueue(step, { ...place, number: 1 });
    await last.result(PATIENT);
    expect(told(readSteps(journal.path))).toEqual([
      "start 0",
      "fail 0",
      "start 0",
      "fail 0",
      "start 0",
      "end 0",
      "start 1",
      "end 1",
    ]);
  });

  test("holds its lane for longer than a minute too, and frees it when it is cancelled", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    const slow = await mesh.client.enqueue(step, { ...place, number: 0, retryAfter: "5m" });
    await mesh.waitForState(slow.id, "retrying");
    const next = await mesh.client.enqueue(step, { ...place, number: 1 });
    await expect(next.result({ timeout: "1s" })).rejects.toMatchObject({ code: "result_timeout" });
    expect(await slow.cancel()).toEqual({ cancelled: true });
    await next.result(PATIENT);
    expect(told(readSteps(journal.path))).toEqual(["start 0", "fail 0", "start 1", "end 1"]);
  });

  test("steps aside when it may be overtaken", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    const failing = await mesh.client.enqueue(
      failingStep,
      { ...place, number: 0, failures: 1 },
      { onRetry: "allow-reorder" },
    );
    for (const number of [1, 2]) await mesh.client.enqueue(step, { ...place, number });
    expect(await failing.result(PATIENT)).toBe(0);
    expect(told(readSteps(journal.path))).toEqual([
      "start 0",
      "fail 0",
      "start 1",
      "end 1",
      "start 2",
      "end 2",
      "start 0",
      "end 0",
    ]);
    await using connection = await connectTo(mesh);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
  });

  test("for good is a dead letter, and its lane goes on", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    const dead = await mesh.client.enqueue(
      failingStep,
      { ...place, number: 0, failures: 9 },
      { retry: { maxAttempts: 2 } },
    );
    const next = await mesh.client.enqueue(step, { ...place, number: 1 });
    expect(await next.result(PATIENT)).toBe(1);
    expect(await dead.state()).toBe("failed");
    expect(await mesh.deadLetters()).toMatchObject([
      { queue: "ordered", task: "keyed.failing-step", runId: dead.id, letter: { reason: "exhausted" } },
    ]);
  });
});

describe("a keyed run is cancelled", () => {
  test("while it waits: it never starts, and those behind it do", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    await mesh.client.enqueue(gatedStep, { ...place, number: 0 });
    const unwanted = await mesh.client.enqueue(step, { ...place, number: 1 });
    const last = await mesh.client.enqueue(step, { ...place, number: 2 });
    await mesh.eventually("the first has started", () => readSteps(journal.path).length === 1);
    expect(await unwanted.cancel()).toEqual({ cancelled: true });
    await journal.open("all");
    await last.result(PATIENT);
    expect(told(readSteps(journal.path))).toEqual(["start 0", "end 0", "start 2", "end 2"]);
    expect(await unwanted.state()).toBe("cancelled");
  });

  test("while it runs: those behind it start", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    const running = await mesh.client.enqueue(gatedStep, { ...place, number: 0 });
    const next = await mesh.client.enqueue(step, { ...place, number: 1 });
    await mesh.eventually("it has started", () => readSteps(journal.path).length === 1);
    expect(await running.cancel()).toEqual({ cancelled: true });
    expect(await next.result(PATIENT)).toBe(1);
    expect(told(readSteps(journal.path))).toEqual(["start 0", "start 1", "end 1"]);
  });
});

describe("a lane", () => {
  test("whose worker stops goes on elsewhere at once", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const stopping = await mesh.spawnWorker({ ...worker, drainTimeout: "200ms" });
    const place = { journal: journal.path, key: "k" };
    const first = await mesh.client.enqueue(gatedStep, { ...place, number: 0 });
    const last = await mesh.client.enqueue(step, { ...place, number: 1 });
    await mesh.eventually("the first has started", () => readSteps(journal.path).length === 1);
    const other = await mesh.spawnWorker(worker);
    stopping.kill("SIGTERM");
    // Long before its ack-wait of 30 s.
    const again = await mesh.eventually(
      "it has started elsewhere",
      () => readSteps(journal.path).find(({ what, pid }) => what === "start" && pid === other.pid),
      { timeoutMs: 5_000 },
    );
    expect(again).toMatchObject({ number: 0, attempt: 1 });
    await journal.open("all");
    expect(await first.result(PATIENT)).toBe(other.pid);
    expect(await last.result(PATIENT)).toBe(1);
    expect(await stopping.exited).toEqual({ code: 0, signal: undefined });
  });

  test("waits for a run whose task nobody knows, and goes on when it is given up", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ ...worker, unknownTaskGrace: "2s" });
    const unknown = await mesh.client.enqueueByName("keyed.unknown", {}, { queue: "ordered", key: "k" });
    const next = await mesh.client.enqueue(step, { journal: journal.path, key: "k", number: 0 });
    expect(await next.result(PATIENT)).toBe(0);
    expect(await unknown.state()).toBe("failed");
    expect(await mesh.deadLetters()).toMatchObject([
      { task: "keyed.unknown", letter: { reason: "unknown-task" } },
    ]);
  });

  test("goes on after a message that is no run, and one that has expired", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const place = { journal: journal.path, key: "k" };
    const expired = await mesh.client.enqueue(step, { ...place, number: 0 }, { expires: "1ms" });
    const lane = laneOf("k", DEFAULT_LANES);
    const address = { kind: "keyed", queue: "ordered", lane, key: "k", runId: "stranger" } as const;
    await connection.nats.request(runSubject(mesh.name, address), "hello");
    const last = await mesh.client.enqueue(step, { ...place, number: 1 });
    await mesh.startWorker(worker);
    expect(await last.result(PATIENT)).toBe(1);
    expect(await expired.state()).toBe("expired");
    expect(await mesh.deadLetters()).toMatchObject([
      { queue: "ordered", task: "-", runId: "stranger", letter: { reason: "undecodable" } },
    ]);
  });

  test.each([
    ["whatever became of the last ack", false],
    ["although it has forgotten the last ack", true],
  ])("is served again after its server was killed, %s", async (_, acked) => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh();
    await using connection = await connectTo(mesh);
    await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    await (await mesh.client.enqueue(step, { ...place, number: 0 })).result(PATIENT);
    if (acked) await mesh.eventually("it is acked", async () => (await openRuns(connection)) === 0);
    await mesh.server.kill();
    await mesh.server.restart();
    await mesh.eventually("it is connected", () => mesh.client.connected);
    // Long before the ack-wait of 30 s.
    const next = await mesh.client.enqueue(step, { ...place, number: 1 });
    expect(await next.result({ timeout: "15s" })).toBe(1);
  });

  test("is served again after its consumers were gone", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    await (await mesh.client.enqueue(step, { ...place, number: 0 })).result(PATIENT);
    const tasks = streamNames(mesh.name).tasks;
    for (let gone = 0; gone < DEFAULT_LANES; gone++) {
      await connection.manager.consumers.delete(tasks, `ordered_k${gone}`);
    }
    expect(await (await mesh.client.enqueue(step, { ...place, number: 1 })).result(PATIENT)).toBe(1);
  });
});

describe("a key", () => {
  const input = { journal: "", key: "k", number: 0 };

  test("and a priority exclude each other", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    for (const enqueue of [
      () => mesh.client.enqueue(step, input, { priority: "high" }),
      () => mesh.client.enqueue(unkeyedStep, input, { key: "k", priority: "normal" }),
      () => mesh.client.enqueueMany(step, [input], { priority: "low" }),
    ]) {
      const error = await rejection(enqueue());
      expect(error).toMatchObject({ code: "invalid_argument", details: { field: "priority" } });
    }
  });

  test("is text of 1 to 200 characters, whoever makes it", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    for (const key of ["", "x".repeat(201), "\ud800"]) {
      const given = await rejection(mesh.client.enqueue(unkeyedStep, input, { key }));
      expect(given).toMatchObject({ code: "invalid_argument", details: { field: "key" } });
      const made = await rejection(mesh.client.enqueue(step, { ...input, key }));
      expect(made).toMatchObject({ details: { field: "task keyed.step: key(input)" } });
      await rejection(mesh.client.enqueueMany(step, [input, { ...input, key }]));
    }
    expect(await openRuns(connection)).toBe(0);
    const strange = "a.b *>\r\n/é🌱";
    const run = await mesh.client.enqueue(unkeyedStep, input, { key: strange });
    const lane = laneOf(strange, DEFAULT_LANES);
    const { message } = await connection.manager.streams
      .getMessage(streamNames(mesh.name).tasks, { seq: run.receipt?.sequence ?? 0 })
      .then((stored) => ({ message: stored }));
    expect(message?.subject).toBe(`${mesh.name}.K.ordered.${lane}.${encodeToken(strange)}.${run.id}`);
    expect(await run.state()).toBe("queued");
  });

  test("is what onRetry is for", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const error = await rejection(mesh.client.enqueue(unkeyedStep, input, { onRetry: "allow-reorder" }));
    expect(error).toMatchObject({ code: "invalid_argument", details: { field: "onRetry" } });
  });

  test("gives one run for one id, however often it is enqueued", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const first = await mesh.client.enqueue(step, input, { runId: "one" });
    const second = await mesh.client.enqueue(step, { ...input, key: "other" }, { runId: "one" });
    expect([first.receipt?.existed, second.receipt?.existed]).toEqual([false, true]);
  });
});
