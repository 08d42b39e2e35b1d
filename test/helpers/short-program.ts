// Uses one part of Umbel, closes it, and then has nothing left to do.
import { connect } from "@umbel/client";
import { silentLogger } from "@umbel/runtime";
import { startWorker } from "@umbel/worker";
import { LOOP, THREADS } from "./modules.ts";
import { echo, spin } from "./tasks.ts";

const [part = "", servers = "", mesh = "", journal = ""] = process.argv.slice(2);
const address = { servers, mesh, logger: silentLogger };

async function useClient(): Promise<void> {
  const client = await connect(address);
  const run = await client.enqueue(echo, { journal, value: 1 });
  // Whoever waits when it is closed is told so.
  const waiting = run.result({ timeout: "1h" }).catch(() => undefined);
  await client.close();
  await waiting;
}

async function useWorker(): Promise<void> {
  await using client = await connect(address);
  const worker = await startWorker({ ...address, modules: [LOOP], health: { port: 0 } });
  const run = await client.enqueue(echo, { journal, value: 1 }, { timeout: "1h" });
  await run.result({ timeout: "1h" });
  await worker.stop();
}

async function useThreads(): Promise<void> {
  await using client = await connect(address);
  const worker = await startWorker({ ...address, modules: [THREADS], threads: 2 });
  const run = await client.enqueue(spin, { journal, ms: 1 }, { timeout: "1h" });
  await run.result({ timeout: "1h" });
  await worker.stop();
}

async function failToStart(): Promise<void> {
  const unlikely = { ...address, servers: "nats://127.0.0.1:1" };
  await connect(unlikely).catch(() => undefined);
  await startWorker({ ...unlikely, modules: [LOOP] }).catch(() => undefined);
  await startWorker({ ...address, modules: [THREADS], health: { port: 70_000 } }).catch(() => undefined);
}

const PARTS: Readonly<Partial<Record<string, () => Promise<void>>>> = {
  client: useClient,
  worker: useWorker,
  threads: useThreads,
  "failed-start": failToStart,
};

await PARTS[part]?.();
process.stdout.write(`closed ${part}\n`);
