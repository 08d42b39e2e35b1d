import { connect } from "@umbel/client";
import { handle, startWorker } from "@umbel/worker";
import { percentile } from "../measure/statistics.ts";
import { serveProducer } from "../processes/producer.ts";
import { waiting } from "../work/tasks.ts";
import { benchLogger } from "./bench-logger.ts";

// The worker and the one who cancels have connections of their own, in one process for the sake of its clock.
await serveProducer(async ({ url }) => {
  let begun = Promise.withResolvers<void>();
  let aborted = Promise.withResolvers<number>();
  const handler = handle(waiting, async (_, { signal }) => {
    begun.resolve();
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    aborted.resolve(performance.now());
    signal.throwIfAborted();
  });
  const worker = await startWorker({ servers: url, handlers: [handler], logger: benchLogger() });
  const mesh = await connect({ servers: url });
  const cancelOne = async (index: number): Promise<number> => {
    begun = Promise.withResolvers();
    aborted = Promise.withResolvers();
    const run = await mesh.enqueue(waiting, index);
    await begun.promise;
    const askedAt = performance.now();
    const [abortedAt] = await Promise.all([aborted.promise, run.cancel()]);
    return abortedAt - askedAt;
  };
  return {
    produce: async (from, count) => {
      const latencies: number[] = [];
      for (let index = 0; index < count; index++) latencies.push(await cancelOne(from + index));
      return { p50Ms: percentile(latencies, 50), p99Ms: percentile(latencies, 99) };
    },
    close: async () => {
      await mesh.close();
      await worker.stop();
    },
  };
});
