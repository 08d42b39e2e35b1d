import { serveWorker } from "../../processes/worker-side.ts";
import { loadPeer } from "../install/load-peer.ts";
import { connectionOf, type Bullmq, type BullmqWorker } from "./bullmq-api.ts";
import { inputOf } from "./input-of.ts";

await serveWorker(async ({ url, width }, mark) => {
  const { Worker } = await loadPeer<Bullmq>("bullmq");
  let worker: BullmqWorker | undefined;
  return {
    work: async (queue) => {
      const options = { connection: connectionOf(url), concurrency: width };
      worker = new Worker(
        queue,
        async ({ data }) => {
          const input = inputOf(data);
          mark(input.index, input);
          return input.index;
        },
        options,
      );
      worker.on("error", (error) => process.stderr.write(`bullmq: ${error.message}\n`));
      await worker.waitUntilReady();
    },
    stop: async () => worker?.close(),
    close: async () => undefined,
  };
});
