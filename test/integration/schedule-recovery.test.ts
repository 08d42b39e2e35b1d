import { existsSync } from "node:fs";
import { armTick, inspectConsumers, Publisher, ScheduleRecords } from "@umbel/broker";
import { armedTickSubject, firedTickSubject } from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP, STOPPING } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { STOP_AT, STOP_MARK, type StopPoint } from "../helpers/stop-points.ts";
import { echo } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "30s" } as const;
const ackWait = "1s";
const HOUR_MS = 3_600_000;

const POINTS: readonly StopPoint[] = [
  "before-decision",
  "after-decision",
  "after-child",
  "after-clear",
  "before-arm",
  "before-ack",
];

/** A worker that makes the runs of schedules and executes none, and stops itself at `point`. */
async function startZombie(mesh: TestMesh, point: StopPoint, mark: string) {
  const env = { [STOP_AT]: point, [STOP_MARK]: mark };
  return mesh.spawnWorker({ modules: [STOPPING], queues: ["idle"], ackWait, env });
}

function soon(ms = 1_000): Date {
  return new Date(Date.now() + ms);
}

/** Exactly one firing of an hourly schedule, executed once, and the next one is set. */
async function expectOneFiring(mesh: TestMesh, id: string, start: Date): Promise<void> {
  const { schedules } = mesh.client;
  const wanted = { fired: 1, missedCount: 0, nextFireAt: start.getTime() + HOUR_MS };
  await mesh.eventually("its run has succeeded", async () => {
    const { runs } = await schedules.get(id);
    return runs.length === 1 && runs[0]?.state === "succeeded";
  });
  expect(await schedules.get(id)).toMatchObject(wanted);
  await using connection = await connectTo(mesh);
  using publisher = new Publisher(connection);
  await mesh.eventually("nothing is left to do, and the next tick is set", async () => {
    const stored = await new ScheduleRecords(connection, publisher).read(id);
    const ticks = await ticksOf(mesh, id);
    return stored?.record?.pending.length === 0 && ticks.armed && !ticks.fired;
  });
}

async function ticksOf(mesh: TestMesh, id: string): Promise<{ armed: boolean; fired: boolean }> {
  await using connection = await connectTo(mesh);
  const { manager, streams } = connection;
  const has = async (subject: string): Promise<boolean> => {
    const { state } = await manager.streams.info(streams.tasks, { subjects_filter: subject });
    return Object.keys(state.subjects ?? {}).length > 0;
  };
  return {
    armed: await has(armedTickSubject(mesh.name, id)),
    fired: await has(firedTickSubject(mesh.name, id)),
  };
}

describe.concurrent("a worker that stops while it fires a schedule", () => {
  test.each(POINTS)(
    "%s: another one completes it, and the first changes nothing when it goes on",
    async (point) => {
      await using journal = await createJournal();
      await using mesh = await createTestMesh({ server: shared.url });
      const mark = `${journal.path}.stopped`;
      const zombie = await startZombie(mesh, point, mark);
      const start = soon();
      const input = { journal: journal.path, value: point };
      await mesh.client.schedules.put("s", { every: "1h", start, task: echo, input });
      await mesh.eventually("it has come to its point", () => existsSync(mark));

      const successor = await mesh.startWorker({ modules: [LOOP], ackWait });
      await expectOneFiring(mesh, "s", start);

      await successor.stop();
      zombie.kill("SIGCONT");
      // The zombie alone is there: what it does with the next schedule shows that it is done with the first.
      await mesh.client.schedules.put("t", { at: soon(), task: echo, input });
      await mesh.eventually("it works again", async () => (await mesh.client.schedules.get("t")).fired === 1);
      await mesh.eventually("it holds no tick", async () => {
        await using connection = await connectTo(mesh);
        const ticks = (await inspectConsumers(connection)).find(({ name }) => name === "ticks");
        return ticks?.inProgress === 0 && ticks.waiting === 0;
      });
      zombie.kill();
      await mesh.startWorker({ modules: [LOOP], ackWait });
      const [last] = (await mesh.client.schedules.get("t")).runs;
      await mesh.client.run(last?.runId ?? "").result(PATIENT);
      await expectOneFiring(mesh, "s", start);
      expect(journal.starts()).toHaveLength(2);
    },
  );

  test("killed right after it has decided: the run is made", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const mark = `${journal.path}.stopped`;
    const victim = await startZombie(mesh, "after-decision", mark);
    const start = soon();
    await mesh.client.schedules.put("s", {
      every: "1h",
      start,
      task: echo,
      input: { journal: journal.path, value: 1 },
    });
    await mesh.eventually("it has come to its point", () => existsSync(mark));
    victim.kill("SIGKILL");
    await mesh.startWorker({ modules: [LOOP], ackWait });
    await expectOneFiring(mesh, "s", start);
    expect(journal.starts()).toHaveLength(1);
  });

  test("a client that dies in run() leaves a run that is made", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const input = { journal: journal.path, value: 1 };
    await mesh.client.schedules.put("s", { every: "1h", task: echo, input });
    await using connection = await connectTo(mesh);
    using publisher = new Publisher(connection);
    const schedules = new ScheduleRecords(connection, publisher);
    const { sequence = 0, record } = (await schedules.read("s")) ?? {};
    if (record === undefined) throw new Error("the schedule is not there");
    const at = Date.now() - 60_000;
    const pending = [{ runId: "by-hand", kind: "by-hand", fireAt: at, at } as const];
    await schedules.write("s", { ...record, pending, runs: pending }, sequence);
    await mesh.startWorker({ modules: [LOOP], ackWait });
    await mesh.waitForState("by-hand", "succeeded");
    expect(await schedules.read("s")).toMatchObject({ record: { pending: [], fired: 0 } });
  });
});

describe.concurrent("ticks", () => {
  test("a tick that is lost is set again by whoever looks", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const input = { journal: journal.path, value: 1 };
    const start = soon(500);
    await mesh.client.schedules.put("s", { every: "1h", start, task: echo, input });
    await mesh.client.schedules.put("off", { every: "1h", task: echo, input });
    await mesh.client.schedules.pause("off");
    const { manager, streams } = connection;
    for (const id of ["s", "off"])
      await manager.streams.purge(streams.tasks, { filter: armedTickSubject(mesh.name, id) });
    await mesh.startWorker({ modules: [LOOP], ackWait });
    await expectOneFiring(mesh, "s", start);
    expect(mesh.log.of("schedule.rearmed")).toMatchObject([{ scheduleIds: ["s"] }]);
    expect(await ticksOf(mesh, "off")).toEqual({ armed: false, fired: false });
  });

  test("a storm of them, at three workers, while it is edited, doubles and loses nothing", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    using publisher = new Publisher(connection);
    for (let worker = 0; worker < 3; worker++) await mesh.startWorker({ modules: [LOOP], ackWait });
    const input = { journal: journal.path, value: 1 };
    const { schedules } = mesh.client;
    const start = soon(500);
    await schedules.put("s", { every: "1s", start, task: echo, input, maxRuns: 3, catchUp: "all" });
    const refusals: unknown[] = [];
    for (let edit = 0; (await schedules.get("s")).state !== "ended"; edit++) {
      for (let tick = 0; tick < 5; tick++) await armTick(publisher, { mesh: mesh.name, id: "s", fireAt: 0 });
      await schedules
        .edit("s", { description: String(edit) })
        .catch((error: unknown) => void refusals.push(error));
    }
    expect(refusals).toEqual([]);
    const info = await mesh.eventually("its runs have ended", async () => {
      const found = await schedules.get("s");
      return found.runs.every(({ state }) => state === "succeeded") ? found : undefined;
    });
    const first = start.getTime();
    expect(info.runs.map(({ fireAt }) => fireAt)).toEqual([first, first + 1_000, first + 2_000]);
    expect(info).toMatchObject({ fired: 3, missedCount: 0 });
    expect(journal.starts()).toHaveLength(3);
  });

  test("of a schedule that was deleted do nothing", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.client.schedules.put("s", {
      at: soon(800),
      task: echo,
      input: { journal: journal.path, value: 1 },
    });
    await mesh.client.schedules.delete("s");
    await mesh.startWorker({ modules: [LOOP], ackWait });
    await mesh.eventually("its tick is gone", async () => {
      const { armed, fired } = await ticksOf(mesh, "s");
      return !armed && !fired;
    });
    expect(journal.starts()).toEqual([]);
  });
});

test.concurrent("what is due while the server is down is made up for as each schedule says", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh();
  await mesh.startWorker({ modules: [LOOP], ackWait });
  const { schedules } = mesh.client;
  const common = { cron: "* * * * * *", task: echo, input: { journal: journal.path, value: 1 } } as const;
  await schedules.put("all", { ...common, catchUp: "all" });
  await schedules.put("latest", { ...common, catchUp: "latest" });
  await schedules.put("expiring", { ...common, catchUp: "all", expires: "2s" });
  await mesh.eventually("both fire", async () => (await schedules.list()).every(({ fired }) => fired > 0));
  await mesh.server.kill();
  const downSince = Date.now();
  await mesh.eventually("four of its times have passed", () => Date.now() > downSince + 4_200);
  await mesh.server.restart();
  const back = await mesh.eventually("they fire again", async () => {
    const found = await schedules.list().catch(() => []);
    return found.length === 3 && found.every(({ runs }) => (runs.at(-1)?.at ?? 0) > downSince + 4_200)
      ? found
      : undefined;
  });
  const [all, expiring, latest] = back.map(({ runs, missedCount }) => ({
    gaps: runs.slice(1).map(({ fireAt }, index) => (fireAt - (runs[index]?.fireAt ?? 0)) / 1_000),
    missedCount,
  }));
  expect(new Set(all?.gaps)).toEqual(new Set([1]));
  expect(all?.missedCount).toBe(0);
  expect(Math.max(...(latest?.gaps ?? []))).toBeGreaterThanOrEqual(4);
  expect(latest?.missedCount).toBeGreaterThanOrEqual(3);
  expect(expiring?.missedCount).toBeGreaterThanOrEqual(1);
  for (const { id } of back) await schedules.pause(id);
  await mesh.eventually("every run has ended", async () => {
    const infos = await Promise.all(back.map(({ id }) => schedules.get(id)));
    const ends = infos.flatMap(({ runs }) => runs.map(({ state }) => state));
    return ends.every((state) => state === "succeeded" || state === "expired");
  });
  const runIds = journal.starts().map(({ runId }) => runId);
  expect(new Set(runIds).size).toBe(runIds.length);
});
