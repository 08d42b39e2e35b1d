// Two workers in one process, of the queues `default` and `stray`, until something ends it.
import { silentLogger } from "@umbel/runtime";
import { startWorker } from "@umbel/worker";
import { LIFE, LOOP } from "./modules.ts";

const [servers = "", mesh = ""] = process.argv.slice(2);
const options = { servers, mesh, logger: silentLogger, ackWait: "2m", drainTimeout: "1m" } as const;

// Whoever started it may not be there to end it.
setTimeout(() => process.exit(9), 50_000).unref();
await startWorker({ ...options, modules: [LOOP], queues: ["default"] });
await startWorker({ ...options, modules: [LIFE], queues: ["stray"] });
