// Runs a worker with a thread from the built packages, as users get them: without the `source` condition.
import { rmSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@umbel/client";
import { startServer } from "@umbel/nats-server";
import { startWorker } from "@umbel/worker";

const HANDLERS = `
import { threadId } from "node:worker_threads";
import { defineTask, handle } from "@umbel/worker";
export const where = handle(defineTask({ name: "where", runsOn: "thread" }), () => threadId);
`;

// Inside the project, so that its packages resolve. No `using`: this must run on the oldest Node that they support.
const folder = mkdtempSync(join(import.meta.dirname, "round-trip-"));
const server = await startServer();
try {
  const module = join(folder, "handlers.mjs");
  writeFileSync(module, HANDLERS);
  const mesh = await connect({ servers: server.url });
  const worker = await startWorker({ servers: server.url, modules: [module], threads: 1, signals: false });
  const run = await mesh.enqueueByName("where", null);
  const threadId = await run.result({ timeout: "30s" });
  if (typeof threadId !== "number" || threadId === 0) throw new Error(`not on a thread: ${String(threadId)}`);
  process.stdout.write(`built packages: a run went through ${worker.id} on thread ${threadId}\n`);
  await worker.stop();
  await mesh.close();
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
