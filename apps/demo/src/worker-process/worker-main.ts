// The file that every worker process of the demo executes.
import { createLogger } from "@umbel/telemetry";
import { startWorker, type Worker } from "@umbel/worker";
import { LoopDelay } from "./loop-delay.ts";
import { toWorker, workerConfig, type FromWorker, type WorkerConfig } from "./worker-messages.ts";

// Whoever started it is gone, however that came: nobody would ever end it.
process.on("disconnect", () => process.exit(1));
// A Ctrl-C in a terminal reaches this process too, but what becomes of it is the demo's decision.
process.on("SIGINT", () => undefined);

await main(workerConfig.parse(JSON.parse(process.argv[2] ?? "")));

async function main(config: WorkerConfig): Promise<void> {
  try {
    const worker = await start(config);
    listen(worker);
    tell({ type: "ready", workerId: worker.id });
  } catch (error) {
    tell({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    process.disconnect();
  }
}

function start({ name, servers, modules, slots, threads, ackWaitMs }: WorkerConfig): Promise<Worker> {
  return startWorker({
    servers,
    modules,
    concurrency: slots,
    threads,
    ackWait: ackWaitMs,
    // An analysis looks at no signal: there is nothing to wait for.
    abortGrace: "100ms",
    workerName: name,
    signals: false,
    logger: createLogger({ name }),
  });
}

function listen(worker: Worker): void {
  const delay = new LoopDelay();
  process.on("message", (message: unknown) => {
    const { type } = toWorker.parse(message);
    if (type === "measure") delay.reset();
    else if (type === "stop") void worker.stop({ hurry: true }).then(() => process.exit(0));
    else tell({ type: "report", report: { runIds: worker.runIds, loopDelayP99Ms: delay.p99Ms } });
  });
}

function tell(message: FromWorker): void {
  process.send?.(message);
}
