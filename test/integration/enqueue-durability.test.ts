import { connect, type Mesh, type RunHandle } from "@umbel/client";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { startProxy, type Proxy } from "../helpers/proxy.ts";
import { rejection } from "../helpers/rejection.ts";
import { limitStorage } from "../helpers/server-config.ts";
import { echo, gated, quick } from "../helpers/tasks.ts";

// Promise 1: an acknowledged enqueue is never lost, and the receipt says what the ack meant.

const PATIENT = { timeout: "60s" } as const;

function connectThrough(proxy: Proxy, mesh: TestMesh): Promise<Mesh> {
  return connect({ servers: proxy.url, mesh: mesh.name });
}

describe("acknowledged runs", () => {
  test("that wait survive a SIGKILL of the server, and all are executed", async () => {
    await using mesh = await createTestMesh();
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    const runs = await mesh.client.enqueueMany(quick, numbers);
    await mesh.server.kill();
    await mesh.server.restart();
    await mesh.startWorker({ modules: [LOOP] });
    expect(await Promise.all(runs.map((run) => run.result(PATIENT)))).toEqual(numbers);
  });

  test("of producers that enqueue while the server is killed twice all get their outcome", async () => {
    await using mesh = await createTestMesh();
    await mesh.startWorker({ modules: [LOOP], ackWait: "2s" });
    const clients = [mesh.client, await mesh.connect(), await mesh.connect()];
    const acknowledged = new Map<number, RunHandle<number>>();
    const stop = new AbortController();
    const produce = async (client: Mesh, first: number): Promise<void> => {
      for (let number = first; !stop.signal.aborted; number += clients.length) {
        const run = await client.enqueue(quick, number).catch(() => undefined);
        if (run !== undefined) acknowledged.set(number, run);
      }
    };
    const producers = clients.map((client, index) => produce(client, index));
    const reached = (count: number): Promise<true> =>
      mesh.eventually(`${count} acknowledged runs`, () => acknowledged.size >= count);

    for (const count of [100, 300]) {
      await reached(count);
      await mesh.server.kill();
      await mesh.server.restart();
    }
    await reached(500);
    stop.abort();
    await Promise.all(producers);
    const results = [...acknowledged].map(async ([number, run]) => [number, await run.result(PATIENT)]);
    expect(await Promise.all(results)).toEqual([...acknowledged.keys()].map((number) => [number, number]));
  });

  test("with receipts that say where they are stored, and what that survives", async () => {
    await using mesh = await createTestMesh();
    const run = await mesh.client.enqueue(quick, 1);
    expect(run.receipt).toEqual({
      sequence: 1,
      storage: "file",
      replicas: 1,
      survives: ["server-restart"],
      existed: false,
    });
    const [many] = await mesh.client.enqueueMany(quick, [2]);
    expect(many?.receipt).toMatchObject({ sequence: 2, replicas: 1, survives: ["server-restart"] });
    expect(mesh.client.run(run.id).receipt).toBeUndefined();
  });
});

describe("an enqueue whose acknowledgement is lost", () => {
  test("is repeated without making a second run, although the first was executed meanwhile", async () => {
    await using mesh = await createTestMesh();
    await using journal = await createJournal();
    await using proxy = await startProxy(mesh.url);
    await using producer = await connectThrough(proxy, mesh);
    await mesh.startWorker({ modules: [LOOP] });
    proxy.swallowAnswers();
    const enqueued = producer.enqueue(echo, { journal: journal.path, value: "once" });
    const [started] = await mesh.eventually("the run is executed", () => {
      const ends = journal.ends();
      return ends.length > 0 && ends;
    });
    await mesh.waitForState(started?.runId ?? "", "succeeded");
    proxy.cut();

    const run = await enqueued;
    expect(run.id).toBe(started?.runId);
    expect(await run.result(PATIENT)).toBe("once");
    await using connection = await connectTo(mesh);
    await mesh.eventually("the repeat is settled", async () => (await openRuns(connection)) === 0);
    expect(journal.starts()).toHaveLength(1);
  });

  test("is repeated without making a second run while the first is executed", async () => {
    await using mesh = await createTestMesh();
    await using journal = await createJournal();
    await using proxy = await startProxy(mesh.url);
    await using producer = await connectThrough(proxy, mesh);
    await mesh.startWorker({ modules: [LOOP] });
    proxy.swallowAnswers();
    const enqueued = producer.enqueue(gated, { journal: journal.path });
    await mesh.eventually("the run is started", () => journal.starts().length > 0);
    proxy.cut();
    const run = await enqueued;
    expect(run.receipt).toMatchObject({ existed: false });
    await journal.open("all");
    expect(await run.result(PATIENT)).toBe(process.pid);
    await using connection = await connectTo(mesh);
    await mesh.eventually("nothing waits", async () => (await openRuns(connection)) === 0);
    expect(journal.starts()).toHaveLength(1);
  });

  test("fails as unconfirmed when the connection is closed first, and may be repeated with its run id", async () => {
    await using mesh = await createTestMesh();
    await using proxy = await startProxy(mesh.url);
    await using producer = await connectThrough(proxy, mesh);
    proxy.swallowAnswers();
    const lost = rejection(producer.enqueue(quick, 7, { runId: "once-only" }));
    await mesh.waitForState("once-only", "queued");
    await producer.close();
    expect(await lost).toMatchObject({ code: "unconfirmed", retryable: true });

    const repeated = await mesh.client.enqueue(quick, 7, { runId: "once-only" });
    expect(repeated.receipt).toMatchObject({ existed: true, sequence: 1 });
    await mesh.startWorker({ modules: [LOOP] });
    expect(await repeated.result(PATIENT)).toBe(7);
  });
});

describe("a bulk", () => {
  test("that the server takes in part names the runs that are stored, and those are executed", async () => {
    await using mesh = await createTestMesh({ extraConfig: limitStorage("1MB") });
    const values = Array.from({ length: 100 }, () => "x".repeat(20_000));
    const error = await rejection(
      mesh.client.enqueueMany(
        echo,
        values.map((value) => ({ journal: "", value })),
      ),
    );
    expect(error).toMatchObject({ code: "storage_full" });
    const { stored, notStored } = error.details;
    expect(stored).toHaveLength(100 - Number(notStored));
    expect(Number(notStored)).toBeGreaterThan(0);
    for (const runId of Array.isArray(stored) ? stored.map(String) : []) {
      expect(await mesh.client.run(runId).state()).toBe("queued");
    }
  });

  test("that is atomic is stored as a whole or not at all", async () => {
    await using mesh = await createTestMesh();
    const runs = await mesh.client.enqueueMany(quick, [1, 2, 3], { atomic: true });
    expect(await Promise.all(runs.map((run) => run.state()))).toEqual(["queued", "queued", "queued"]);

    const tooMany = Array.from({ length: 1_001 }, (_, index) => index);
    const error = await rejection(mesh.client.enqueueMany(quick, tooMany, { atomic: true }));
    expect(error).toMatchObject({ code: "invalid_argument" });
    await using connection = await connectTo(mesh);
    expect(await openRuns(connection)).toBe(3);
  });
});
