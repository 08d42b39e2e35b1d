import { serveWorker } from "../../processes/worker-side.ts";
import { loadPeer } from "../install/load-peer.ts";
import { silent, type Graphile, type GraphileRunner } from "./graphile-api.ts";
import { inputOf } from "./input-of.ts";

// As its own benchmark has it when it is fast: jobs fetched in batches and completed in batches.
const LOCAL_QUEUE = 500;
const SPARE_CONNECTIONS = 4;

await serveWorker(async ({ url, width, variant }, mark) => {
  const graphile = await loadPeer<Graphile>("graphile-worker");
  const batched = variant === "local-queue";
  let runner: GraphileRunner | undefined;
  return {
    work: async (queue) => {
      const task = async (payload: unknown): Promise<void> => {
        const input = inputOf(payload);
        mark(input.index, input);
      };
      runner = await graphile.run({
        connectionString: url,
        concurrency: width,
        maxPoolSize: Math.min(width, 24) + SPARE_CONNECTIONS,
        noHandleSignals: true,
        logger: silent(graphile),
        taskList: { [queue]: task },
        ...(batched
          ? {
              preset: {
                worker: { localQueue: { size: LOCAL_QUEUE }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
              },
            }
          : {}),
      });
    },
    stop: async () => runner?.stop(),
    close: async () => undefined,
  };
});
