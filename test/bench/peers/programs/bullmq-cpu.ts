// BullMQ's sandbox: its worker's main thread, and jobs that compute on threads of their own. The caller is here too.
import { loopDelayP99Ms, watchLoopDelay } from "../../measure/loop-delay.ts";
import { joinParent } from "../../processes/parent.ts";
import { BENCH_QUEUE } from "../../work/tasks.ts";
import { loadPeer } from "../install/load-peer.ts";
import { connectionOf, type Bullmq } from "./bullmq-api.ts";

const parent = joinParent();
const { n, url, warmUp, width } = parent.settings;
const { Queue, QueueEvents, Worker } = await loadPeer<Bullmq>("bullmq");
const connection = connectionOf(url);
const queue = new Queue(BENCH_QUEUE, { connection });
queue.setMaxListeners(0);
const events = new QueueEvents(BENCH_QUEUE, { connection });
events.setMaxListeners(0);
await events.waitUntilReady();
const processor = new URL("./bullmq-cpu-thread.cjs", import.meta.url);
const worker = new Worker(BENCH_QUEUE, processor, { connection, concurrency: width, useWorkerThreads: true });
await worker.waitUntilReady();

const { iterations = 0 } = (await parent.next("go")).values;
await burnAll(0, warmUp);
const delay = watchLoopDelay();
const beganAt = performance.now();
await burnAll(warmUp, n);
const seconds = (performance.now() - beganAt) / 1_000;
parent.tell("measured", { seconds, loopDelayP99Ms: loopDelayP99Ms(delay) });

async function burnAll(from: number, count: number): Promise<void> {
  const inputs = Array.from({ length: count }, (_, place) => ({ index: from + place, iterations }));
  const jobs = await queue.addBulk(inputs.map((data) => ({ name: "burn", data })));
  const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events)));
  for (const [place, { index }] of inputs.entries())
    if (results[place] !== index) throw new Error(`job ${index} came back as ${String(results[place])}`);
}
