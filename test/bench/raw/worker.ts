import { consumerName, streamNames } from "@umbel/protocol";
import { serveWorker } from "../processes/worker-side.ts";
import { fieldOf } from "./codec.ts";
import { connectRaw, MESH } from "./connection.ts";
import { pullLean } from "./lean-pull.ts";
import { LeanWorker } from "./lean-worker.ts";

const BATCH = 1_000;

await serveWorker(async ({ url, width }, mark) => {
  const nats = await connectRaw(url);
  const worker = new LeanWorker(nats, {
    mesh: MESH,
    slots: width,
    handler: async (input) => {
      const index = Number(fieldOf(input, "index"));
      mark(index);
      return index;
    },
  });
  let stopPulling = (): void => undefined;
  return {
    work: async (queue) => {
      const consumer = consumerName(queue, "normal");
      const options = { stream: streamNames(MESH).tasks, consumer, batch: BATCH };
      stopPulling = pullLean(nats, options, (message) => worker.take(message));
    },
    stop: async () => stopPulling(),
    close: () => nats.close(),
  };
});
