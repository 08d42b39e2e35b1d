import { createTestMesh, type TestMesh } from "@umbel/testing";
import { expect, test } from "vitest";
import { backlog, connectTo } from "../helpers/consumers.ts";
import { LOOP } from "../helpers/modules.ts";
import { quick } from "../helpers/tasks.ts";

// Promise 7: twenty restarts of the server under load, by crash and in order in turn, and no worker is restarted.

const RESTARTS = 20;
/** A full machine takes seconds for each. */
const LONGEST_MS = 180_000;
const PATIENT = { timeout: "30s" } as const;
/** How soon after a restart a run that is enqueued then must be executed. */
const FLOW = { timeout: "10s" } as const;

/** Enqueues one run after another until it is stopped, and knows which were acknowledged. */
class Producer {
  readonly acknowledged = new Map<number, string>();
  readonly #ended: Promise<void>;
  #stopped = false;

  constructor(mesh: TestMesh) {
    this.#ended = this.#produce(mesh);
  }

  async stop(): Promise<ReadonlyMap<number, string>> {
    this.#stopped = true;
    await this.#ended;
    return this.acknowledged;
  }

  async #produce(mesh: TestMesh): Promise<void> {
    for (let number = 1; !this.#stopped; number++) {
      const run = await mesh.client.enqueue(quick, number);
      this.acknowledged.set(number, run.id);
    }
  }
}

test(
  "twenty restarts under load lose no run, and runs flow again after each",
  async () => {
    await using mesh = await createTestMesh();
    const worker = await mesh.spawnWorker({ modules: [LOOP], ackWait: "2s" });
    const producer = new Producer(mesh);
    for (let restart = 1; restart <= RESTARTS; restart++) {
      const before = producer.acknowledged.size;
      await mesh.eventually("runs are enqueued", () => producer.acknowledged.size > before + 10);
      if (restart % 2 === 0) await mesh.server.kill();
      await mesh.server.restart();
      const first = await mesh.client.enqueue(quick, -restart);
      expect(await first.result(FLOW)).toBe(-restart);
    }
    const acknowledged = await producer.stop();
    expect(acknowledged.size).toBeGreaterThan(RESTARTS * 10);
    const results = [...acknowledged].map(([, runId]) => mesh.client.run(runId).result(PATIENT));
    expect(await Promise.all(results)).toEqual([...acknowledged.keys()]);
    await using connection = await connectTo(mesh);
    // Not by the stream: a server that was killed may have forgotten that it removed a message, for good.
    await mesh.eventually("nothing is left to execute", async () => {
      const { waiting, held } = await backlog(connection, "default");
      return waiting + held === 0;
    });
    expect(await mesh.deadLetters()).toEqual([]);
    worker.kill("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0, signal: undefined });
  },
  LONGEST_MS,
);
