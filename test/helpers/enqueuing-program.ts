// Enqueues runs as its only argument says, once it is told to on its standard input; prints their ids and receipts.
import { once } from "node:events";
import { connectBroker, provisionStreams } from "@umbel/broker";
import { createMesh } from "@umbel/client/internal";
import { silentLogger } from "@umbel/runtime";
import type { EnqueuingRequest, EnqueuedReply } from "./enqueuing-process.ts";

const request: EnqueuingRequest = JSON.parse(process.argv[2] ?? "{}");
const { servers, mesh: name, task, inputs, options, stopWhenLocked = false } = request;
const connection = await connectBroker({ servers, mesh: name, logger: silentLogger });
const mesh = await createMesh(
  connection,
  await provisionStreams(connection),
  stopWhenLocked ? { onLocked } : {},
);

process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.pause();
const runs = await Promise.all(inputs.map((input) => mesh.enqueueByName(task, input, options)));
const replies = runs.map(({ id, receipt }): EnqueuedReply => ({ id, existed: receipt?.existed === true }));
process.stdout.write(`${JSON.stringify(replies)}\n`);
await mesh.close();

// From here on it can only be killed.
async function onLocked(runId: string): Promise<void> {
  process.stdout.write(`locked ${runId}\n`);
  setInterval(() => undefined, 1_000_000);
  await Promise.withResolvers<never>().promise;
}
