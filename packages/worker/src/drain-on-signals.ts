import type { Logger } from "@umbel/runtime";
import type { Worker } from "./worker.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Drain `worker` on the first SIGTERM or SIGINT, hurry on the second. When nobody else in the process listens to
 * the signal, the process ends with code 0 once the worker has stopped.
 */
export function drainOnSignals(worker: Worker, logger: Logger): void {
  const onSignal = (signal: NodeJS.Signals): void => {
    void worker.stop({ reason: signal, hurry: signalled });
    if (signalled) return;
    signalled = true;
    const alone = process.listenerCount(signal) === 1;
    void worker.stopped.then(() => {
      if (!alone) return undefined;
      logger.debug({ signal }, "the worker has stopped: ending the process");
      return process.exit(0);
    });
  };
  let signalled = false;
  for (const signal of SIGNALS) process.on(signal, onSignal);
  void worker.stopped.finally(() => {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  });
}
