import { listDeadLetters, readOpenRuns, type BrokerConnection, type OpenRun } from "@umbel/broker";
import { parseRunHeader, type RunMeta } from "@umbel/protocol";
import type { TestMesh } from "@umbel/testing";
import { LOOP } from "./modules.ts";
import { discard } from "./tasks.ts";

/** Let `count` runs die, each with a dead letter, and end the worker that they died on. Resolves to their ids. */
export async function letDie(mesh: TestMesh, journal: string, count: number): Promise<readonly string[]> {
  const worker = await mesh.startWorker({ modules: [LOOP] });
  const inputs = Array.from({ length: count }, () => ({ journal }));
  const runs = await mesh.client.enqueueMany(discard, inputs, { tags: ["doomed"] });
  await Promise.all(runs.map((run) => run.outcome({ timeout: "60s" })));
  await mesh.eventually("all have a dead letter", async () => {
    const { scanned } = await mesh.client.deadLetters.groups();
    return scanned === count;
  });
  await worker.stop({ hurry: true });
  return runs.map(({ id }) => id);
}

/** Every run that waits in the mesh, with what its header says. */
export async function waitingRuns(
  connection: BrokerConnection,
): Promise<readonly (OpenRun & { readonly meta: RunMeta })[]> {
  const { items } = await readOpenRuns(connection, { limit: 10_000 });
  return items.map((item) => ({ ...item, meta: parseRunHeader(item.runHeader) }));
}

/** How many dead letters there are. */
export async function countLetters(connection: BrokerConnection): Promise<number> {
  return (await listDeadLetters(connection, { limit: 10_000 })).length;
}
