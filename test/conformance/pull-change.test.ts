import { Publisher, type Delivery } from "@umbel/broker";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh } from "./helpers/fresh-mesh.ts";
import { firstPublish, runIds } from "./helpers/runs.ts";
import { finishAtOnce, sourcesOf, TestWorker } from "./helpers/test-worker.ts";

const ARRIVALS = 2_000;

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("a puller pulls from a queue that is added, in the order of priorities with what it had", async () => {
    await using mesh = await freshMesh(broker, { queues: ["q", "added"] });
    const onRun = (delivery: Delivery, worker: TestWorker): void => finishAtOnce(delivery, worker);
    const worker = new TestWorker(mesh.connection, { slots: 0, onRun });
    await mesh.publisher.publish(firstPublish(mesh.name, "low", { priority: "low" }));
    await mesh.publisher.publish(firstPublish(mesh.name, "high", { queue: "added", priority: "high" }));
    await mesh.publisher.publish(firstPublish(mesh.name, "normal"));
    worker.puller.add(sourcesOf("added"));
    worker.slots = 1;
    worker.puller.kick();
    await eventually("all have begun", () => worker.begun.length === 3);
    expect(worker.runIds).toEqual(["high", "normal", "low"]);
    await worker.puller.stop();
  });

  test("a queue that is removed among arrivals leaves no run behind, and others are pulled from", async () => {
    // So long that a run left behind would be missing.
    await using mesh = await freshMesh(broker, { queues: ["q", "kept"], ackWaitMs: 600_000 });
    const seen = new Set<string>();
    const onRun = (delivery: Delivery, worker: TestWorker): void => {
      seen.add(delivery.runId);
      finishAtOnce(delivery, worker);
    };
    const sources = [...sourcesOf("q"), ...sourcesOf("kept")];
    const leaving = new TestWorker(await mesh.connect(), { slots: 50, onRun, sources });
    const staying = new TestWorker(await mesh.connect(), { slots: 50, onRun });
    using publisher = new Publisher(mesh.connection, { maxInFlight: 80 });
    const stored = runIds("run", ARRIVALS).map((id) => publisher.publish(firstPublish(mesh.name, id)));
    await eventually("both have runs", () => leaving.begun.length > 50 && staying.begun.length > 50, {
      everyMs: 1,
    });
    await Promise.all([leaving.puller.remove("q"), leaving.puller.remove("q")]);
    const begun = leaving.begun.length;
    await Promise.all(stored);
    await eventually("all have begun", () => seen.size === ARRIVALS);
    await mesh.publisher.publish(firstPublish(mesh.name, "kept", { queue: "kept" }));
    await eventually("the other queue is pulled from", () => seen.has("kept"));
    expect(leaving.runIds.slice(begun)).toEqual(["kept"]);
    await Promise.all([leaving.puller.stop(), staying.puller.stop()]);
  });
});

describe("a removal", () => {
  const broker = useBroker("R1");

  test("of a queue that is not pulled from is done at once", async () => {
    await using mesh = await freshMesh(broker);
    const worker = new TestWorker(mesh.connection);
    await expect(worker.puller.remove("other")).resolves.toBeUndefined();
    await worker.puller.stop();
  });

  test("under way ends with a stop, and with the connection", async () => {
    await using mesh = await freshMesh(broker);
    const stopping = new TestWorker(await mesh.connect());
    await Promise.all([stopping.puller.remove("q"), stopping.puller.stop()]);
    const connection = await mesh.connect();
    const closing = new TestWorker(connection);
    await connection.flush();
    const removed = closing.puller.remove("q");
    await connection.close();
    await removed;
    expect(closing.begun).toEqual([]);
  });
});
