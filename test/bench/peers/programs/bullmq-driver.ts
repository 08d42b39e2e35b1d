import { loadPeer } from "../install/load-peer.ts";
import { connectionOf, type Bullmq } from "./bullmq-api.ts";
import type { MatchInput, OpenDriver } from "./driver.ts";
import { serveDriver } from "./serve-driver.ts";

const NAME = "noop";

export const open: OpenDriver = async ({ url, queue }) => {
  const { Queue, QueueEvents } = await loadPeer<Bullmq>("bullmq");
  const connection = connectionOf(url);
  const bullmqQueue = new Queue(queue, { connection });
  const events = new QueueEvents(queue, { connection });
  for (const emitter of [bullmqQueue, events]) {
    // One for each job that is waited for.
    emitter.setMaxListeners(0);
    await emitter.waitUntilReady();
  }
  const addMany = (inputs: readonly MatchInput[]) =>
    bullmqQueue.addBulk(inputs.map((data) => ({ name: NAME, data })));
  return {
    add: (input) => bullmqQueue.add(NAME, input),
    addMany,
    bulk: { size: 1_000, lanes: 4 },
    call: async (input) => (await bullmqQueue.add(NAME, input)).waitUntilFinished(events),
    callMany: async (inputs) => {
      const jobs = await addMany(inputs);
      return Promise.all(jobs.map((job) => job.waitUntilFinished(events)));
    },
    addAt: (input, dueAt) => bullmqQueue.add(NAME, input, { delay: Math.max(1, dueAt - Date.now()) }),
    close: async () => {
      await events.close();
      await bullmqQueue.close();
    },
  };
};

if (import.meta.main) await serveDriver(open);
