import type { Mesh } from "@umbel/client";
import { laneOf } from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { disorder, readSteps, type StepEntry } from "../helpers/keyed-steps.ts";
import { gatedStep, parentStep, step, unkeyedStep } from "../helpers/keyed-tasks.ts";
import { KEYED } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";

// Runs of one key start one at a time, in the order of their enqueues, in the whole mesh.

const shared = shareServer();
const worker = { modules: [KEYED], queues: ["ordered"] } as const;
const PATIENT = { timeout: "50s" } as const;

function keys(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `customer ${index}`);
}

/** A key that has this lane among eight. */
function keyInLane(lane: number): string {
  for (let index = 0; ; index++) if (laneOf(`k${index}`, 8) === lane) return `k${index}`;
}

async function produce(client: Mesh, journal: string, mine: readonly string[]): Promise<void> {
  for (let number = 0; number < 50; number++) {
    for (const key of mine) await client.enqueue(step, { journal, key, number, ms: number % 3 });
  }
}

test("20 keys × 50 runs of 3 producers stay in order on 3 workers, one of which is killed", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const options = { ...worker, ackWait: "2s", concurrency: 4 } as const;
  const [doomed] = await Promise.all([1, 2, 3].map(() => mesh.spawnWorker(options)));
  const all = keys(20);
  const producers = await Promise.all([mesh.connect(), mesh.connect(), mesh.connect()]);
  const produced = producers.map((client, index) =>
    produce(
      client,
      journal.path,
      all.filter((_, key) => key % 3 === index),
    ),
  );
  await mesh.eventually("a third is done", () => {
    const ends = readSteps(journal.path).filter(({ what }) => what === "end");
    return ends.length > 300 && ends.some(({ pid }) => pid === doomed?.pid);
  });
  doomed?.kill("SIGKILL");
  await Promise.all(produced);
  const steps = await mesh.eventually(
    "all are done",
    () => {
      const entries = readSteps(journal.path);
      const ended = entries.filter(({ what }) => what === "end");
      return new Set(ended.map(({ key, number }) => `${key}/${number}`)).size === 1_000 && entries;
    },
    { timeoutMs: 50_000 },
  );
  for (const key of all)
    expect(
      disorder(
        steps.filter((entry) => entry.key === key),
        doomed?.pid,
      ),
    ).toEqual([]);
  expect(new Set(steps.map(({ pid }) => pid)).size).toBe(3);
});

describe("keys", () => {
  test("of different lanes run at a time; those of one wait for each other", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const input = { journal: journal.path, number: 0 };
    const runs = [0, 1, 2].map((lane) => keyInLane(lane));
    for (const key of [...runs, ...runs]) await mesh.client.enqueue(gatedStep, { ...input, key });
    const started = (): readonly StepEntry[] =>
      readSteps(journal.path).filter(({ what }) => what === "start");
    await mesh.eventually("one of each lane has started", () => started().length === 3);
    expect(new Set(started().map(({ key }) => key))).toEqual(new Set(runs));
    await journal.open(runs[1] ?? "");
    await mesh.eventually("the next of its lane has ended", () => {
      const ended = readSteps(journal.path).filter(({ what }) => what === "end");
      return ended.length === 2 && ended.every(({ key }) => key === runs[1]);
    });
    expect(started()).toHaveLength(4);
    await journal.open("all");
    await mesh.eventually("all have ended", () => readSteps(journal.path).length === 12);
  });

  test("of an enqueueMany, of a call and of a handler are in order too", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ ...worker, queues: ["ordered", "parents"] });
    const place = { journal: journal.path, key: "given" };
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    const bulk = await mesh.client.enqueueMany(
      step,
      numbers.flatMap((number) => ["a", "b"].map((key) => ({ ...place, key, number }))),
    );
    await Promise.all(bulk.map((run) => run.result(PATIENT)));
    const called: string[] = [];
    for (const number of numbers) {
      called.push((await mesh.client.enqueue(unkeyedStep, { ...place, number }, { key: "given" })).id);
    }
    await Promise.all(called.map((runId) => mesh.client.run(runId).result(PATIENT)));
    const parent = await mesh.client.enqueue(parentStep, { ...place, key: "child", number: 0, children: 20 });
    const children = await parent.result(PATIENT);
    await Promise.all(children.map((runId) => mesh.client.run(runId).result(PATIENT)));
    const steps = readSteps(journal.path);
    for (const key of ["a", "b", "given", "child"]) {
      expect(disorder(steps.filter((entry) => entry.key === key))).toEqual([]);
      expect(steps.some((entry) => entry.key === key)).toBe(true);
    }
  });

  test("with a delay enter their lane when they are due", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const place = { journal: journal.path, key: "k" };
    const late = await mesh.client.enqueue(step, { ...place, number: 2 }, { delay: "700ms" });
    await mesh.client.enqueue(step, { ...place, number: 0 });
    await mesh.client.enqueue(step, { ...place, number: 1 });
    expect(await late.state()).toBe("scheduled");
    await mesh.waitForState(late.id, "queued");
    await mesh.startWorker(worker);
    await late.result(PATIENT);
    expect(disorder(readSteps(journal.path))).toEqual([]);
  });
});

describe("a worker with fewer slots than lanes", () => {
  const all = keys(40);
  const count = (mesh: TestMesh, journal: string, total: number): Promise<unknown> =>
    mesh.eventually("all have ended", () => {
      return readSteps(journal).filter(({ what }) => what === "end").length === total;
    });

  test("serves every lane, and those without a key", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const inputs = Array.from({ length: 5 }, (_, number) =>
      all.map((key) => ({ journal: journal.path, key, number, ms: 2 })),
    ).flat();
    await mesh.client.enqueueMany(step, inputs);
    await mesh.client.enqueueMany(
      unkeyedStep,
      inputs.map((input) => ({ ...input, key: "none" })),
    );
    await mesh.startWorker({ ...worker, concurrency: 1 });
    await count(mesh, journal.path, 2 * inputs.length);
    const steps = readSteps(journal.path);
    for (const key of all) expect(disorder(steps.filter((entry) => entry.key === key))).toEqual([]);
    // Neither had to wait for all of the other.
    const starts = steps.filter(({ what }) => what === "start").slice(0, 150);
    expect(starts.filter(({ key }) => key === "none").length).toBeGreaterThan(5);
    const lanes = new Set(starts.filter(({ key }) => key !== "none").map(({ key }) => laneOf(key, 8)));
    expect(lanes.size).toBe(8);
  });

  test("is not the only one that gets them", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const workers = await Promise.all([
      mesh.spawnWorker({ ...worker, concurrency: 2 }),
      mesh.spawnWorker({ ...worker, concurrency: 2 }),
    ]);
    const inputs = Array.from({ length: 5 }, (_, number) =>
      all.map((key) => ({ journal: journal.path, key, number, ms: 10 })),
    ).flat();
    await mesh.client.enqueueMany(step, inputs);
    await count(mesh, journal.path, inputs.length);
    const byPid = Map.groupBy(readSteps(journal.path), ({ pid }) => pid);
    for (const { pid } of workers) expect(byPid.get(pid)?.length).toBeGreaterThan(inputs.length / 4);
  });
});
