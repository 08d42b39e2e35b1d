import { readFileSync } from "node:fs";
import type { BrokerConnection } from "@umbel/broker";
import { createTestMesh } from "@umbel/testing";
import { expect, test } from "vitest";
import { backlog, connectTo, openRuns } from "../helpers/consumers.ts";
import { LOOP } from "../helpers/modules.ts";
import { quick } from "../helpers/tasks.ts";

const MANY = 100_000;
const WORKER = { modules: [LOOP], ackWait: "2s" } as const;
const PATIENT = { timeout: "60s" } as const;
const BYTES_PER_PAGE = 4_096;
const MB = 1_048_576;

// Promise 6: no pile of waiting runs in workers. What is not due is the broker's alone, and survives everybody.
test("a hundred thousand runs that wait cost workers nothing, and outlive all processes", async () => {
  await using mesh = await createTestMesh();
  const worker = await mesh.spawnWorker(WORKER);
  await (await mesh.client.enqueue(quick, 1)).result(PATIENT);
  const before = residentBytes(worker.pid);

  const inputs = Array.from({ length: MANY }, (_, index) => index);
  const runs = await mesh.client.enqueueMany(quick, inputs, { delay: "1h" });
  expect(runs).toHaveLength(MANY);
  // Whatever the worker does because of them, it does meanwhile.
  const others = await mesh.client.enqueueMany(quick, inputs.slice(0, 500));
  await Promise.all(others.map((run) => run.result(PATIENT)));
  {
    await using connection = await connectTo(mesh);
    await mesh.eventually("nothing is in flight", async () => (await inFlight(connection)) === 0);
    expect(await backlog(connection, "default")).toEqual({ waiting: 0, held: 0, redelivered: 0 });
    expect(await openRuns(connection)).toBe(MANY);
  }
  expect(residentBytes(worker.pid) - before).toBeLessThan(64 * MB);

  worker.kill("SIGKILL");
  await mesh.server.kill();
  await mesh.server.restart();
  await using connection = await connectTo(mesh);
  expect(await openRuns(connection)).toBe(MANY);
  await mesh.spawnWorker(WORKER);
  expect(await (await mesh.client.enqueue(quick, 7)).result(PATIENT)).toBe(7);
  await mesh.eventually("only they wait", async () => (await openRuns(connection)) === MANY);
  expect(await inFlight(connection)).toBe(0);
  expect(await runs.at(-1)?.state()).toBe("scheduled");
});

async function inFlight(connection: BrokerConnection): Promise<number> {
  return (await backlog(connection, "default")).held;
}

/** What a process holds of the machine's memory. */
function residentBytes(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return Number(pages) * BYTES_PER_PAGE;
}
