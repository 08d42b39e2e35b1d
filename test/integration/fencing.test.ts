import { provisionConsumers, type BrokerConnection } from "@umbel/broker";
import { existsSync } from "node:fs";
import type { RunHandle } from "@umbel/client";
import { createTestMesh, type TestMesh, type WorkerProcess } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns, takeAndVanish } from "../helpers/consumers.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP, STOPPING } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { STOP_AT, STOP_MARK, type StopPoint } from "../helpers/stop-points.ts";
import { echo, gated, type GatedInput } from "../helpers/tasks.ts";

// Promise 2, at every point of a run's path: a worker is stopped there for longer than its ack-wait, another one
// takes over, and then the first goes on beside it (while the other executes), or after it (when it is done).

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

type Next = NonNullable<GatedInput["next"]>;
const ackWait = "1s";
const ACK_WAIT_MS = 1_000;
const QUEUE = "default";
/** Runs that only show that the zombie works again. */
const probes = new Set<string>();

interface Scene extends AsyncDisposable {
  readonly mesh: TestMesh;
  readonly journal: Journal;
  readonly connection: BrokerConnection;
  readonly zombie: WorkerProcess;
  /** A run whose first delivery went to a worker that is not heard of again. */
  readonly lostRun: RunHandle<number> | undefined;
  zombieStopped(): Promise<unknown>;
  startSuccessor(options?: { readonly concurrency: number }): Promise<WorkerProcess>;
}

async function setScene(point: StopPoint, { lost = false } = {}): Promise<Scene> {
  const journal = await createJournal();
  const mark = `${journal.path}.stopped`;
  const mesh = await createTestMesh({ server: shared.url });
  const connection = await connectTo(mesh);
  await provisionConsumers(connection, QUEUE, ACK_WAIT_MS);
  const lostRun = lost ? await loseFirstDelivery(mesh, journal, connection) : undefined;
  const zombie = await mesh.spawnWorker({
    modules: [STOPPING],
    ackWait,
    env: { [STOP_AT]: point, [STOP_MARK]: mark },
  });
  return {
    mesh,
    journal,
    connection,
    zombie,
    lostRun,
    zombieStopped: () => mesh.eventually("the zombie has come to its point", () => existsSync(mark)),
    startSuccessor: (options) => mesh.spawnWorker({ modules: [LOOP], ackWait, ...options }),
    async [Symbol.asyncDispose]() {
      zombie.kill("SIGKILL");
      await connection.close();
      await mesh.close();
      await journal[Symbol.asyncDispose]();
    },
  };
}

/** Enqueue a run, let the zombie come to its point with it, and its successor take it over. */
async function enqueueGated(scene: Scene, next: Next): Promise<RunHandle<number>> {
  const run = await scene.mesh.client.enqueue(gated, { journal: scene.journal.path, next });
  await scene.journal.open(`${run.id}-${scene.zombie.pid}`);
  await scene.zombieStopped();
  return run;
}

async function loseFirstDelivery(
  mesh: TestMesh,
  journal: Journal,
  connection: BrokerConnection,
): Promise<RunHandle<number>> {
  const run = await mesh.client.enqueue(gated, { journal: journal.path });
  await takeAndVanish(connection, QUEUE);
  return run;
}

/** Whatever the zombie has read before, it has dealt with once it has executed something new. */
async function untilItWorks({ mesh, journal, zombie }: Scene): Promise<void> {
  await mesh.eventually("the zombie works again", async () => {
    const probe = await mesh.client.enqueue(echo, { journal: journal.path, value: "probe" });
    probes.add(probe.id);
    await probe.result(PATIENT);
    return journal.starts(probe.id).some(({ pid }) => pid === zombie.pid);
  });
}

const startsOf = ({ journal }: Scene, { pid }: WorkerProcess): number =>
  journal.starts().filter((entry) => entry.pid === pid && entry.task === gated.name).length;

/** All is over: one outcome, nothing waits, and nobody starts anything any more. */
async function expectQuiet({ mesh, connection }: Scene): Promise<void> {
  await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
}

describe("a worker that stood still before its outcome was written, and goes on while another executes the run", () => {
  test.each<[StopPoint, Next]>([
    ["before-outcome", "return"],
    ["before-outcome", "discard"],
    ["before-child", "enqueue"],
    ["after-child", "enqueue"],
  ])("at %s of one that is to %s, has its outcome and its ack refused", async (point, next) => {
    await using scene = await setScene(point);
    const run = await enqueueGated(scene, next);
    const successor = await scene.startSuccessor();
    await scene.mesh.eventually("the successor has begun", () => startsOf(scene, successor) === 1);
    scene.zombie.kill("SIGCONT");
    await scene.zombie.log.waitFor("run.refused");
    expect(await run.info()).toMatchObject({ state: "running", worker: successor.workerId });
    await scene.journal.open(run.id);
    const ended = await run.outcome(PATIENT);
    expect([ended.state, ended.worker]).toEqual([
      next === "discard" ? "failed" : "succeeded",
      successor.workerId,
    ]);
    await expectQuiet(scene);
    const letters = await scene.mesh.deadLetters();
    const reasons = letters.flatMap(({ letter }) => letter?.errors.map(({ error }) => error.message) ?? []);
    expect(reasons).toEqual(next === "discard" ? [`discarded by ${successor.pid}`] : []);
    const children = scene.journal.starts().filter(({ task }) => task === echo.name);
    expect(children).toHaveLength(next === "enqueue" ? 1 : 0);
    expect(startsOf(scene, successor)).toBe(1);
  });

  test("at after-retry of one that is to be tried again, does not hand it back to a third", async () => {
    await using scene = await setScene("after-retry");
    const run = await enqueueGated(scene, "retry");
    const successor = await scene.startSuccessor();
    await scene.mesh.eventually("the successor has begun", () => startsOf(scene, successor) === 1);
    scene.zombie.kill("SIGCONT");
    await untilItWorks(scene);
    await scene.journal.open(run.id);
    expect(await run.result(PATIENT)).toBe(successor.pid);
    await expectQuiet(scene);
    const attempts = scene.journal.starts(run.id).map(({ pid, attempt }) => [pid, attempt]);
    expect(attempts).toEqual([
      [scene.zombie.pid, 1],
      [successor.pid, 2],
    ]);
  });

  test.each<[StopPoint, number]>([
    ["before-claim", 0],
    ["after-claim", 1],
  ])(
    "at %s of a run that was lost before, has the run left to the other (%i starts)",
    async (point, starts) => {
      await using scene = await setScene(point, { lost: true });
      const run = scene.lostRun;
      if (run === undefined) throw new Error("the scene has no lost run");
      await scene.zombieStopped();
      await scene.journal.open(`${run.id}-${scene.zombie.pid}`);
      const successor = await scene.startSuccessor();
      await scene.mesh.eventually("the successor has begun", () => startsOf(scene, successor) === 1);
      scene.zombie.kill("SIGCONT");
      await untilItWorks(scene);
      expect(await run.info()).toMatchObject({ state: "running", worker: successor.workerId });
      await scene.journal.open(run.id);
      expect(await run.result(PATIENT)).toBe(successor.pid);
      await expectQuiet(scene);
      expect(startsOf(scene, scene.zombie)).toBe(starts);
      expect(startsOf(scene, successor)).toBe(1);
    },
  );
});

describe("a worker that stood still on the path of a run, and goes on when another has done the rest", () => {
  test.each<[StopPoint, Next, "zombie" | "successor"]>([
    ["before-outcome", "return", "successor"],
    ["after-outcome", "return", "zombie"],
    ["before-ack", "return", "zombie"],
    ["before-child", "enqueue", "successor"],
    ["after-child", "enqueue", "successor"],
    ["before-outcome", "discard", "successor"],
    ["before-dead-letter", "discard", "zombie"],
    ["after-dead-letter", "discard", "zombie"],
    ["before-retry", "retry", "successor"],
    ["after-retry", "retry", "successor"],
  ])("at %s of one that is to %s, changes nothing: the outcome is the %s's", async (point, next, by) => {
    await using scene = await setScene(point);
    const run = await enqueueGated(scene, next);
    await scene.journal.open(run.id);
    const successor = await scene.startSuccessor();
    const ended = next === "discard" ? "failed" : "succeeded";
    await scene.mesh.waitForState(run.id, ended);
    await expectQuiet(scene);
    const before = await run.info();
    const starts = scene.journal.starts(run.id).length;
    scene.zombie.kill("SIGCONT");
    await untilItWorks(scene);
    expect(await run.info()).toEqual(before);
    expect(before.worker).toBe((by === "zombie" ? scene.zombie : successor).workerId);
    expect(scene.journal.starts(run.id)).toHaveLength(starts);
    expect(await scene.mesh.deadLetters()).toHaveLength(next === "discard" ? 1 : 0);
    const children = scene.journal
      .starts()
      .filter(({ task, runId }) => task === echo.name && !probes.has(runId));
    expect(children).toHaveLength(next === "enqueue" ? 1 : 0);
    await expectQuiet(scene);
  });
});
