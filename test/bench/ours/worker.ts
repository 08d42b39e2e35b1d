import { handle, startWorker, type Worker } from "@umbel/worker";
import { serveWorker } from "../processes/worker-side.ts";
import { noop } from "../work/tasks.ts";
import { benchLogger } from "./bench-logger.ts";

await serveWorker(async ({ url, width }, mark) => {
  const handler = handle(noop, async ({ index }) => {
    mark(index);
    return index;
  });
  let worker: Worker | undefined;
  return {
    work: async (queue) => {
      const options = { servers: url, handlers: [handler], concurrency: width, logger: benchLogger() };
      worker = await startWorker({ ...options, queues: [queue] });
    },
    stop: async () => worker?.stop(),
    // Every worker has closed its own connection.
    close: async () => undefined,
  };
});
