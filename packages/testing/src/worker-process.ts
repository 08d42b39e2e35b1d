// The file that every worker with a process of its own executes.
import { serializeError } from "@umbel/protocol";
import { startWorker } from "@umbel/worker";
import {
  SETUP_VARIABLE,
  type WorkerProcessMessage,
  type WorkerProcessSetup,
} from "./worker-process-messages.ts";

// The channel closes when the process that started this one ends, however it ends.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));

try {
  const setup: WorkerProcessSetup = JSON.parse(process.env[SETUP_VARIABLE] ?? "{}");
  const worker = await startWorker(setup);
  tell({ type: "ready", workerId: worker.id, healthUrl: worker.healthUrl });
} catch (error) {
  tell({ type: "failed", error: serializeError(error) });
}

function tell(message: WorkerProcessMessage): void {
  process.send?.(message);
}
