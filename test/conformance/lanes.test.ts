import {
  encodeHeaders,
  findKeyedRun,
  inspectConsumers,
  provisionLanes,
  releaseLane,
  SCHEDULE,
  SCHEDULE_TARGET,
  type PullSource,
} from "@umbel/broker";
import { laneConsumerName, laneFilter, runSubject, type RunAddress } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { finishAtOnce, TestWorker } from "./helpers/test-worker.ts";

const ACK_WAIT_MS = 30_000;

function laneSource(lane: number): PullSource {
  return { consumer: laneConsumerName("q", lane), queue: "q", priority: "normal", lane };
}

function keyed(lane: number, runId: string): RunAddress {
  return { kind: "keyed", queue: "q", lane, key: "k", runId };
}

async function put(mesh: FreshMesh, address: RunAddress, target?: RunAddress): Promise<void> {
  const schedule: [string, string][] =
    target === undefined
      ? []
      : [
          [SCHEDULE, "@at 2099-01-01T00:00:00Z"],
          [SCHEDULE_TARGET, runSubject(mesh.name, target)],
        ];
  await mesh.publisher.publish({
    subject: runSubject(mesh.name, address),
    body: new Uint8Array(),
    headers: encodeHeaders(schedule),
  });
}

const lanes = (count: number): readonly number[] => Array.from({ length: count }, (_, lane) => lane);

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("the consumers of lanes are made once, and hand over one run at a time", async () => {
    await using mesh = await freshMesh(broker);
    const which = { lanes: lanes(3), ackWaitMs: ACK_WAIT_MS };
    await Promise.all([1, 2, 3].map(() => provisionLanes(mesh.connection, "q", which)));
    const { consumers } = mesh.connection.manager;
    for (const lane of lanes(3)) {
      const { config } = await consumers.info(mesh.connection.streams.tasks, laneConsumerName("q", lane));
      expect(config).toMatchObject({
        max_ack_pending: 1,
        max_deliver: -1,
        filter_subject: laneFilter(mesh.name, "q", lane),
      });
    }
    const own = (await inspectConsumers(mesh.connection)).filter(({ lane }) => lane !== undefined);
    expect(own.map(({ queue, lane, priority, problems }) => [queue, lane, priority, problems])).toEqual(
      lanes(3).map((lane) => ["q", lane, undefined, []]),
    );
  });

  test("runs of one lane are pulled one by one in order by two workers, handed back or not", async () => {
    await using mesh = await freshMesh(broker);
    await provisionLanes(mesh.connection, "q", { lanes: lanes(2), ackWaitMs: ACK_WAIT_MS });
    const ids = Array.from({ length: 30 }, (_, index) => `run${index}`);
    for (const runId of ids) await put(mesh, keyed(0, runId));
    const order: string[] = [];
    let open = 0;
    const workers = [1, 2].map(
      () =>
        new TestWorker(mesh.connection, {
          sources: lanes(2).map(laneSource),
          slots: 5,
          onRun: (delivery, worker) => {
            expect(++open).toBe(1);
            queueMicrotask(() => {
              open -= 1;
              if (delivery.count === 1 && delivery.sequence % 7 === 0) return worker.handBack(delivery);
              order.push(delivery.runId);
              return worker.finish(delivery);
            });
          },
        }),
    );
    await eventually("all were run", () => order.length === ids.length, { timeoutMs: 20_000 });
    expect(order).toEqual(ids);
    await Promise.all(workers.map(({ puller }) => puller.stop()));
  });
});

describe("lanes", () => {
  const broker = useBroker("R1");

  test("that are added while the worker pulls are pulled from", async () => {
    await using mesh = await freshMesh(broker);
    await provisionLanes(mesh.connection, "q", { lanes: lanes(2), ackWaitMs: ACK_WAIT_MS });
    const worker = new TestWorker(mesh.connection, { onRun: finishAtOnce });
    worker.puller.add(lanes(2).map(laneSource));
    worker.puller.add(lanes(2).map(laneSource));
    await put(mesh, keyed(1, "a"));
    await eventually("it was run", () => worker.runIds.length > 0);
    await worker.puller.stop();
    expect(worker.runIds).toEqual(["a"]);
  });

  test("a lane that waits for a run which is gone is released; one whose run is there is not", async () => {
    await using mesh = await freshMesh(broker);
    await provisionLanes(mesh.connection, "q", { lanes: lanes(2), ackWaitMs: ACK_WAIT_MS });
    const { connection } = mesh;
    for (const [lane, runId] of [
      [0, "gone"],
      [0, "next"],
      [1, "held"],
      [1, "behind"],
    ] as const) {
      await put(mesh, keyed(lane, runId));
    }
    const holder = new TestWorker(connection, { sources: lanes(2).map(laneSource), slots: 2 });
    await eventually("both are held", () => holder.running.size === 2);
    // Purged while it is held, it leaves its lane waiting, as a server does that has lost the last ack.
    await connection.manager.streams.purge(connection.streams.tasks, {
      filter: runSubject(mesh.name, keyed(0, "gone")),
    });
    holder.slots = 3;
    await releaseLane(connection, laneConsumerName("q", 0));
    await releaseLane(connection, laneConsumerName("q", 1));
    const other = new TestWorker(connection, { sources: lanes(2).map(laneSource), slots: 2 });
    await eventually("the next run came", () => [...holder.runIds, ...other.runIds].includes("next"));
    expect([...holder.runIds, ...other.runIds]).not.toContain("behind");
    await Promise.all([holder.puller.stop(), other.puller.stop()]);
  });

  test("keyed runs of a queue are found wherever they wait, and others are not", async () => {
    await using mesh = await freshMesh(broker);
    const find = (): Promise<string | undefined> => findKeyedRun(mesh.connection, "q");
    expect(await find()).toBeUndefined();
    const ready: RunAddress = { kind: "ready", queue: "q", priority: "normal", task: "t", runId: "r" };
    const delayed = (runId: string): RunAddress => ({ kind: "delayed", queue: "q", task: "t", runId });
    for (let index = 0; index < 600; index++) await put(mesh, delayed(`d${index}`), { ...ready, runId: "x" });
    await put(mesh, { ...keyed(0, "other"), queue: "other" });
    expect(await find()).toBeUndefined();
    await put(mesh, delayed("late"), keyed(3, "late"));
    expect(await find()).toBe(runSubject(mesh.name, delayed("late")));
    await put(mesh, keyed(2, "now"));
    expect(await find()).toBe(runSubject(mesh.name, keyed(2, "now")));
  });
});
