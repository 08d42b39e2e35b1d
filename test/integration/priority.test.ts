import { findRunMessage, type BrokerConnection } from "@umbel/broker";
import { PRIORITIES, type Priority } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import { createTestMesh } from "@umbel/testing";
import { defineTask, handle, type Handler } from "@umbel/worker";
import { describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { again, echo } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const SLOTS = 10;

const ranked = defineTask<Priority, null>({ name: "ranked" });

/** Notes the order in which runs start. */
class Starts {
  readonly order: Priority[] = [];
  readonly handler: Handler;

  /** @param ms how long each of them takes. */
  constructor(ms: number) {
    this.handler = handle(ranked, async (priority) => {
      this.order.push(priority);
      await sleep(ms);
      return null;
    });
  }

  count(priority: Priority, from = 0, to = Infinity): number {
    return this.order.slice(from, to).filter((other) => other === priority).length;
  }
}

describe("by default", () => {
  test("ten high runs behind ten thousand low ones begin before more of those than a worker holds", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    // So slow that nothing is held beyond the slots.
    const starts = new Starts(25);
    const low = Array.from({ length: 10_000 }, (): Priority => "low");
    await mesh.client.enqueueMany(ranked, low, { priority: "low" });
    await mesh.startWorker({ handlers: [starts.handler], concurrency: SLOTS });
    await mesh.eventually("it works", () => starts.order.length > 5 * SLOTS);
    const high = Array.from({ length: 10 }, (): Priority => "high");
    await mesh.client.enqueueMany(ranked, high, { priority: "high" });
    const before = starts.order.length;
    await mesh.eventually("all high runs have begun", () => starts.count("high") === 10);
    const overtaken = starts.order.slice(before, starts.order.lastIndexOf("high"));
    expect(overtaken.filter((priority) => priority === "low").length).toBeLessThanOrEqual(SLOTS + 1);
    expect(starts.order.length).toBeLessThan(10_000);
  });
});

describe("with weights", () => {
  test("all priorities get about their parts while all have work", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const starts = new Starts(2);
    for (const priority of PRIORITIES) {
      const inputs = Array.from({ length: 1_000 }, () => priority);
      await mesh.client.enqueueMany(ranked, inputs, { priority });
    }
    const priorities = { high: 6, normal: 3, low: 1 };
    await mesh.startWorker({ handlers: [starts.handler], concurrency: SLOTS, priorities });
    await mesh.eventually("a thousand have begun", () => starts.order.length >= 1_000);
    const [high, normal, low] = PRIORITIES.map((priority) => starts.count(priority, 0, 1_000));
    expect(high).toBeGreaterThan(450);
    expect(high).toBeLessThan(750);
    expect(normal).toBeGreaterThan(200);
    expect(normal).toBeLessThan(400);
    expect(low).toBeGreaterThan(50);
    expect(low).toBeLessThan(200);
  });

  test("what has no rival gets everything, and what comes later its part at once", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const starts = new Starts(10);
    const low = Array.from({ length: 600 }, (): Priority => "low");
    await mesh.client.enqueueMany(ranked, low, { priority: "low" });
    const priorities = { high: 9, normal: 5, low: 1 };
    await mesh.startWorker({ handlers: [starts.handler], concurrency: SLOTS, priorities });
    await mesh.eventually("low runs begin", () => starts.order.length >= 100);
    const high = Array.from({ length: 200 }, (): Priority => "high");
    await mesh.client.enqueueMany(ranked, high, { priority: "high" });
    const before = starts.order.length;
    await mesh.eventually("all have begun", () => starts.order.length === 800);
    const lastHigh = starts.order.lastIndexOf("high");
    expect(starts.count("low", before, lastHigh)).toBeLessThan(100);
    expect(starts.count("low", before, lastHigh)).toBeGreaterThan(0);
  });
});

describe("the priority of a run", () => {
  test("is kept while it is delayed and when its attempt is repeated soon", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const input = { journal: journal.path, value: 1 };
    const delayed = await mesh.client.enqueue(echo, input, { priority: "high", delay: "500ms" });
    await mesh.waitForState(delayed.id, "queued");
    expect(await subjectOf(connection, delayed.id)).toContain(".T.default.h.");
    await mesh.startWorker({ modules: [LOOP] });
    const options = { priority: "low" } as const;
    const repeated = await mesh.client.enqueue(again, { journal: journal.path, delay: 1_500 }, options);
    await mesh.waitForState(repeated.id, "retrying");
    expect(await subjectOf(connection, repeated.id)).toContain(".T.default.l.");
    expect(await repeated.result(PATIENT)).toBe(2);
  });

  test("is kept in the schedule of a late attempt", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path, delay: 120_000 };
    const run = await mesh.client.enqueue(again, input, { priority: "high" });
    const target = await mesh.eventually("it is scheduled", () => targetOf(connection, run.id));
    expect(target).toBe(`${mesh.name}.T.default.h.test~again.${run.id}`);
  });
});

async function subjectOf(connection: BrokerConnection, runId: string): Promise<string | undefined> {
  return (await findRunMessage(connection, runId))?.subject;
}

async function targetOf(connection: BrokerConnection, runId: string): Promise<string | undefined> {
  const subject = `${connection.mesh}.S.default.r.test~again.${runId}`;
  const { manager, streams } = connection;
  const message = await manager.streams.getMessage(streams.tasks, { last_by_subj: subject });
  return message?.header.get("Nats-Schedule-Target");
}
