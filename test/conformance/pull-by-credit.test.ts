import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { firstPublish, runIds, sourceOf, storedRuns, type RunPlace } from "./helpers/runs.ts";
import { finishAtOnce, finishSoon, sourcesOf, TestWorker } from "./helpers/test-worker.ts";

describe("one worker", () => {
  const broker = useBroker("R1");

  test("never has more runs than it wants, and gets each once", async () => {
    await using mesh = await freshMesh(broker);
    await publishAll(mesh, runIds("early", 250));
    const worker = new TestWorker(mesh.connection, { slots: 7, onRun: finishSoon });
    await publishAll(mesh, runIds("late", 250));
    await eventually("all have run", () => worker.begun.length >= 500 && worker.running.size === 0);
    expect(worker.mostRunning).toBe(7);
    expect(new Set(worker.runIds).size).toBe(500);
    expect(worker.begun).toHaveLength(500);
    await eventually("all are acked", async () => (await storedRuns(mesh.connection)) === 0);
  });

  test("takes nothing while it wants nothing, and begins when it is told to ask again", async () => {
    await using mesh = await freshMesh(broker);
    const worker = new TestWorker(mesh.connection, { slots: 0 });
    await publishAll(mesh, ["a"]);
    await mesh.connection.flush();
    const { manager, streams } = mesh.connection;
    const consumer = await manager.consumers.info(streams.tasks, "q_n");
    expect(consumer).toMatchObject({ num_waiting: 0, num_pending: 1, delivered: { consumer_seq: 0 } });
    expect(worker.begun).toEqual([]);
    worker.slots = 1;
    worker.puller.kick();
    await eventually("the run begins", () => worker.begun.length === 1);
  });

  test("takes all that is high before anything low", async () => {
    await using mesh = await freshMesh(broker);
    await publishAll(mesh, runIds("low", 200), { priority: "low" });
    await publishAll(mesh, runIds("high", 200), { priority: "high" });
    await publishAll(mesh, runIds("normal", 200), { priority: "normal" });
    const worker = new TestWorker(mesh.connection, { slots: 10, onRun: finishSoon });
    await eventually("all have run", () => worker.begun.length === 600);
    const order = worker.begun.map(({ source }) => source.priority);
    expect(new Set(order.slice(0, 200))).toEqual(new Set(["high"]));
    expect(new Set(order.slice(200, 400))).toEqual(new Set(["normal"]));
    expect(new Set(order.slice(400))).toEqual(new Set(["low"]));
  });

  test("in the middle of what is low turns to what is high, once it is there", async () => {
    await using mesh = await freshMesh(broker);
    await publishAll(mesh, runIds("low", 200), { priority: "low" });
    const worker = new TestWorker(mesh.connection, { slots: 4 });
    await eventually("its slots are full", () => worker.running.size === 4);
    await publishAll(mesh, runIds("high", 200), { priority: "high" });
    // What was asked for before may still bring a low one into a slot that becomes free.
    await eventually("all have run", () => {
      for (const delivery of worker.running) worker.finish(delivery);
      return worker.begun.length === 400;
    });
    const order = worker.begun.map(({ source }) => source.priority);
    const lastHigh = order.lastIndexOf("high");
    const lowBetween = order.slice(4, lastHigh).filter((priority) => priority === "low");
    expect(lowBetween.length).toBeLessThanOrEqual(4);
  });

  test("takes from queues of one priority in turn", async () => {
    const queues = ["a", "b"];
    await using mesh = await freshMesh(broker, { queues });
    for (const queue of queues) await publishAll(mesh, runIds(queue, 100), { queue });
    const sources = queues.map((queue) => sourceOf(queue, "normal"));
    const worker = new TestWorker(mesh.connection, { sources, onRun: finishAtOnce });
    await eventually("all have run", () => worker.begun.length === 200);
    const firstHalf = worker.begun.slice(0, 100).filter(({ source }) => source.queue === "a");
    expect(firstHalf.length).toBeGreaterThanOrEqual(49);
    expect(firstHalf.length).toBeLessThanOrEqual(51);
  });

  test("that idles hears of a run when it comes, without asking again", async () => {
    await using mesh = await freshMesh(broker);
    const worker = new TestWorker(mesh.connection, { onRun: finishAtOnce });
    // Were a long poll to end before each of them, this would take two minutes.
    for (const [index, id] of runIds("run", 60).entries()) {
      const priority = (["high", "normal", "low"] as const)[index % 3];
      await publishAll(mesh, [id], priority === undefined ? {} : { priority });
      await eventually("the run begins", () => worker.begun.length === index + 1, { everyMs: 1 });
    }
    expect(worker.runIds).toEqual(runIds("run", 60));
    expect(worker.refused).toBe(0);
  }, 20_000);
});

describe.each(["R1", "R3"] as const)("two idle workers of one slot on %s", (replication) => {
  const broker = useBroker(replication);

  test("share two runs, whatever their priorities", async () => {
    const queues = ["q", "other"];
    await using mesh = await freshMesh(broker, { queues });
    const sources = queues.flatMap(sourcesOf);
    const workers = await Promise.all(
      [1, 2].map(async () => new TestWorker(await mesh.connect(), { sources })),
    );
    for (let round = 0; round < 12; round++) {
      const places: RunPlace[] = [{ priority: "high" }, { queue: round % 2 === 0 ? "q" : "other" }];
      await Promise.all(places.map((place, index) => publishAll(mesh, [`run-${round}-${index}`], place)));
      await eventually("both are busy", () => workers.every(({ running }) => running.size === 1), {
        everyMs: 1,
      });
      for (const worker of workers) for (const delivery of worker.running) worker.finish(delivery);
    }
    expect(new Set(workers.flatMap((worker) => worker.runIds)).size).toBe(24);
  }, 20_000);
});

function publishAll(mesh: FreshMesh, ids: readonly string[], place: RunPlace = {}): Promise<unknown> {
  return Promise.all(ids.map((id) => mesh.publisher.publish(firstPublish(mesh.name, id, place))));
}
