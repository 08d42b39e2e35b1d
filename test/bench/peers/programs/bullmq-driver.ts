import { loadPeer } from "../install/load-peer.ts";
import { connectionOf, type Bullmq, type BullmqEvents } from "./bullmq-api.ts";
import type { MatchInput, OpenDriver } from "./driver.ts";
import { serveDriver } from "./serve-driver.ts";

const NAME = "noop";

export const open: OpenDriver = async ({ url, queue }) => {
  const { Queue, QueueEvents } = await loadPeer<Bullmq>("bullmq");
  const connection = connectionOf(url);
  const bullmqQueue = new Queue(queue, { connection });
  // One for each job that is waited for, here and below.
  bullmqQueue.setMaxListeners(0);
  await bullmqQueue.waitUntilReady();
  let opening: Promise<BullmqEvents> | undefined;
  // Whoever only adds does not listen.
  const events = (): Promise<BullmqEvents> => {
    opening ??= openEvents(new QueueEvents(queue, { connection }));
    return opening;
  };
  const addMany = (inputs: readonly MatchInput[]) =>
    bullmqQueue.addBulk(inputs.map((data) => ({ name: NAME, data })));
  return {
    add: (input) => bullmqQueue.add(NAME, input),
    addMany,
    bulk: { size: 1_000, lanes: 4 },
    call: async (input) => {
      const heard = await events();
      return (await bullmqQueue.add(NAME, input)).waitUntilFinished(heard);
    },
    callMany: async (inputs) => {
      const heard = await events();
      const jobs = await addMany(inputs);
      return Promise.all(jobs.map((job) => job.waitUntilFinished(heard)));
    },
    addAt: (input, dueAt) => bullmqQueue.add(NAME, input, { delay: Math.max(1, dueAt - Date.now()) }),
    close: async () => {
      await (await opening)?.close();
      await bullmqQueue.close();
    },
  };
};

async function openEvents(events: BullmqEvents): Promise<BullmqEvents> {
  events.setMaxListeners(0);
  await events.waitUntilReady();
  return events;
}

if (import.meta.main) await serveDriver(open);
