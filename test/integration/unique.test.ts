import { UmbelError, defineTask } from "@umbel/client";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { enqueueFromProcesses, startEnqueuing, type EnqueuedReply } from "../helpers/enqueuing-process.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, fail, gated, slowRetry } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const DONE = { unique: "until-done", uniqueKey: "k" } as const;

/** 100 enqueues from 10 processes that all start at once. */
function hundred(
  mesh: TestMesh,
  journal: Journal,
  request: { readonly task: string; readonly options: object; readonly input?: object },
): Promise<readonly EnqueuedReply[]> {
  return enqueueFromProcesses(mesh, 10, (index) => ({
    task: request.task,
    options: request.options,
    inputs: Array.from({ length: 10 }, (_, nth) => ({
      journal: journal.path,
      value: index * 10 + nth,
      ...request.input,
    })),
  }));
}

function expectOneRun(replies: readonly EnqueuedReply[]): string {
  expect(replies).toHaveLength(100);
  expect(new Set(replies.map(({ id }) => id)).size).toBe(1);
  expect(replies.filter(({ existed }) => !existed)).toHaveLength(1);
  return replies[0]?.id ?? "";
}

describe("a run that is unique until it is done", () => {
  test("is one run with one handle for 100 enqueues from 10 processes, while it is ready", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const runId = expectOneRun(await hundred(mesh, journal, { task: gated.name, options: DONE }));
    await mesh.startWorker({ modules: [LOOP] });
    await mesh.eventually("it has started", () => journal.starts().length > 0);
    const late = await mesh.client.enqueue(gated, { journal: journal.path }, DONE);
    expect(late).toMatchObject({ id: runId, receipt: { existed: true } });
    await journal.open("all");
    expect(await late.result(PATIENT)).toBe(process.pid);
    expect(journal.starts()).toHaveLength(1);
  });

  test("is one while it is delayed, and for whoever asks for another time", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { ...DONE, delay: "1h" };
    const runId = expectOneRun(await hundred(mesh, journal, { task: echo.name, options }));
    const now = await mesh.client.enqueue(echo, { journal: journal.path, value: -1 }, DONE);
    expect(now).toMatchObject({ id: runId, receipt: { existed: true } });
    await using connection = await connectTo(mesh);
    expect(await openRuns(connection)).toBe(1);
    await mesh.startWorker({ modules: [LOOP] });
    await now.promote();
    expect(await now.result(PATIENT)).toBeGreaterThanOrEqual(0);
    expect(journal.starts()).toHaveLength(1);
  });

  test("is one while it waits for its next attempt", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path, failures: 1 };
    const first = await mesh.client.enqueue(slowRetry, input, DONE);
    await mesh.waitForState(first.id, "retrying");
    const replies = await hundred(mesh, journal, { task: slowRetry.name, options: DONE, input });
    expect(new Set(replies.map(({ id, existed }) => `${id} ${existed}`))).toEqual(
      new Set([`${first.id} true`]),
    );
    await mesh.eventually("its schedule can be changed", () => first.promote().then(() => true));
    expect(await first.result(PATIENT)).toBe(2);
    expect(journal.starts()).toHaveLength(2);
  });

  test("makes room for a new one with every outcome, whoever is told of it first", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const ids: string[] = [];
    for (let round = 0; round < 20; round++) {
      const input = { journal: journal.path, value: round };
      const run = await mesh.client.enqueue(echo, input, DONE);
      expect(await run.result(PATIENT)).toBe(round);
      ids.push(run.id);
    }
    expect(new Set(ids).size).toBe(20);
    const failing = await mesh.client.enqueue(fail, { journal: journal.path }, DONE);
    await failing.outcome(PATIENT);
    const again = await mesh.client.enqueue(fail, { journal: journal.path }, DONE);
    expect(again.receipt?.existed).toBe(false);
    await again.outcome(PATIENT);
    const delayed = await mesh.client.enqueue(fail, { journal: journal.path }, { ...DONE, delay: "1h" });
    expect(delayed.receipt?.existed).toBe(false);
    await delayed.cancel();
    const afterCancel = await mesh.client.enqueue(fail, { journal: journal.path }, DONE);
    expect(afterCancel.receipt?.existed).toBe(false);
  });

  test("leaves no lock behind", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    await using connection = await connectTo(mesh);
    const locks = async (): Promise<number> =>
      (await connection.manager.streams.info(connection.streams.leases)).state.messages;
    const input = { journal: journal.path, value: 1 };
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, value) =>
        mesh.client.enqueue(echo, { ...input, value }, { unique: "until-done" }),
      ),
    );
    const cancelled = await mesh.client.enqueue(echo, input, { ...DONE, delay: "1h" });
    await cancelled.cancel();
    await Promise.all(runs.map((run) => run.result(PATIENT)));
    await mesh.eventually("all locks are gone", async () => (await locks()) === 0);
    expect(await cancelled.state()).toBe("cancelled");
  });

  test("survives a server that is killed in the middle, and its worker", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh();
    const worker = await mesh.spawnWorker({ modules: [LOOP] });
    const first = await mesh.client.enqueue(gated, { journal: journal.path }, DONE);
    await mesh.eventually("it has started", () => journal.starts().length > 0);
    await mesh.server.kill();
    worker.kill();
    await mesh.server.restart();
    const second = await mesh.client.enqueue(gated, { journal: journal.path }, DONE);
    expect(second).toMatchObject({ id: first.id, receipt: { existed: true } });
  });
});

describe("a producer that is killed between its lock and its run", () => {
  test.each([
    ["until-done", DONE],
    ["until-started", { unique: "until-started", uniqueKey: "k" }],
    ["for a time", { unique: { for: "1h" }, uniqueKey: "k" }],
  ] as const)("has its run enqueued by the next one: %s", async (_, options) => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const input = { journal: journal.path, value: "killed" };
    const child = await startEnqueuing(mesh, {
      task: echo.name,
      inputs: [input],
      options,
      stopWhenLocked: true,
    });
    const runId = await child.lock();
    await child.kill();
    expect(await mesh.client.run(runId).state()).toBe("unknown");
    const clients = [mesh.client, await mesh.connect(), await mesh.connect()];
    const next = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 10 }, (__, value) => client.enqueue(echo, { ...input, value }, options)),
      ),
    );
    expect(new Set(next.map(({ id }) => id))).toEqual(new Set([runId]));
    expect(next.filter(({ receipt }) => receipt?.existed === false)).toHaveLength(1);
    await mesh.startWorker({ modules: [LOOP] });
    expect(await mesh.client.run<number>(runId).result(PATIENT)).toBeGreaterThanOrEqual(0);
    await using connection = await connectTo(mesh);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    expect(journal.starts()).toHaveLength(1);
  });
});

describe("a run that is unique until it has started", () => {
  test("lets the next one in as soon as a handler has begun, and never before", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { unique: "until-started", uniqueKey: "k" } as const;
    const input = { journal: journal.path };
    const first = await mesh.client.enqueue(gated, input, options);
    for (let tries = 0; tries < 20; tries++) {
      expect((await mesh.client.enqueue(gated, input, options)).id).toBe(first.id);
    }
    await mesh.startWorker({ modules: [LOOP] });
    let keptOut = 0;
    const second = await mesh.eventually("another one is let in", async () => {
      const begun = journal.starts().length === 1;
      const run = await mesh.client.enqueue(gated, input, options);
      if (run.id !== first.id) return run;
      keptOut += begun ? 1 : 0;
      return undefined;
    });
    expect(keptOut).toBe(0);
    expect(await first.info()).toMatchObject({ state: "running", starts: 1 });
    expect(second.receipt?.existed).toBe(false);
    await journal.open("all");
    await Promise.all([first.result(PATIENT), second.result(PATIENT)]);
    expect(journal.starts()).toHaveLength(2);
  });
});

describe("a run that is unique for a time", () => {
  test("is the answer for that long, done or not, and then no longer", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const options = { unique: { for: "5s" } } as const;
    const input = { journal: journal.path, value: 7 };
    const beganAt = Date.now();
    const first = await mesh.client.enqueue(echo, input, options);
    await first.result(PATIENT);
    const ids = new Set<string>();
    await mesh.eventually("a new one is let in", async () => {
      const { id } = await mesh.client.enqueue(echo, input, options);
      ids.add(id);
      return ids.size === 2;
    });
    expect(ids).toContain(first.id);
    expect(Date.now() - beganAt).toBeGreaterThanOrEqual(4_900);
  });
});

describe("what is the same", () => {
  const byPath = defineTask<{ path: string; width: number }>({
    name: "unique.by-path",
    unique: "until-done",
    uniqueKey: (input) => input.path,
  });

  test("is decided by the task's function, by the call's key, or by the input", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const idOf = async (...[input, options]: [{ path: string; width: number }, object?]): Promise<string> =>
      (await mesh.client.enqueue(byPath, input, options)).id;
    const a = await idOf({ path: "a", width: 1 });
    expect(await idOf({ path: "a", width: 2 })).toBe(a);
    expect(await idOf({ path: "b", width: 1 })).not.toBe(a);
    expect(await idOf({ path: "b", width: 1 }, { uniqueKey: "a" })).toBe(a);
    expect(await idOf({ path: "a", width: 1 }, { unique: false })).not.toBe(a);
    const plain = await mesh.client.enqueueByName("unique.plain", { x: 1 }, { unique: "until-done" });
    const same = await mesh.client.enqueueByName("unique.plain", { x: 1 }, { unique: "until-done" });
    const other = await mesh.client.enqueueByName("unique.plain", { x: 2 }, { unique: "until-done" });
    expect(same.id).toBe(plain.id);
    expect(other.id).not.toBe(plain.id);
    const otherTask = await mesh.client.enqueueByName("unique.other", { x: 1 }, { unique: "until-done" });
    expect(otherTask.id).not.toBe(plain.id);
  });

  test("cannot be asked of a bulk", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const inputs = [{ path: "a", width: 1 }];
    expect(await rejection(mesh.client.enqueueMany(byPath, inputs))).toMatchObject({
      code: "invalid_argument",
      details: { field: "enqueueMany.unique" },
    });
    const [run] = await mesh.client.enqueueMany(byPath, inputs, { unique: false });
    expect(await run?.state()).toBe("queued");
    const wrong = mesh.client.enqueue(byPath, inputs[0] ?? { path: "", width: 0 }, { debounce: "10ms" });
    await expect(wrong).rejects.toSatisfy((error) => UmbelError.is(error, "invalid_argument"));
  });
});
