// The ideal: bare threads of this process that compute what a queue in its memory holds. No broker at all.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { joinParent } from "../processes/parent.ts";
import { loopDelayP99Ms, watchLoopDelay } from "../measure/loop-delay.ts";

const parent = joinParent();
const { warmUp } = parent.settings;
const threads = Array.from(
  { length: availableParallelism() },
  () => new Worker(new URL("./cpu-thread.ts", import.meta.url)),
);
const iterations = (await parent.next("prepare")).values["iterations"] ?? 0;
await compute(warmUp);
parent.tell("ready");
const delay = watchLoopDelay();
for (;;) {
  delay.disable();
  const { count = 0 } = (await parent.next("go")).values;
  if (count === 0) break;
  delay.enable();
  const beganAt = performance.now();
  await compute(count);
  const seconds = (performance.now() - beganAt) / 1_000;
  parent.tell("measured", { seconds, loopDelayP99Ms: loopDelayP99Ms(delay) });
}
await Promise.all(threads.map((thread) => thread.terminate()));
parent.leave();

async function compute(count: number): Promise<void> {
  let left = count;
  const keepBusy = async (thread: Worker): Promise<void> => {
    while (left-- > 0) await computeOn(thread);
  };
  await Promise.all(threads.map(keepBusy));
}

function computeOn(thread: Worker): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  thread.once("message", () => resolve());
  thread.postMessage(iterations);
  return promise;
}
