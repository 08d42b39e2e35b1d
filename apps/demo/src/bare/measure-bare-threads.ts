import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { AnalysisInput } from "../analysis/analyse.ts";

/** Runs on each thread before the clock starts: so that its code is loaded and compiled. */
const WARM_UP_RUNS = 3;

/**
 * The ideal: how many milliseconds the analysis of all `inputs` takes on bare threads, which get the next one the
 * moment that they have finished the last.
 */
export async function measureBareThreads(inputs: readonly AnalysisInput[], threads: number): Promise<number> {
  const pool = Array.from(
    { length: threads },
    () => new Worker(new URL("./bare-thread.ts", import.meta.url)),
  );
  try {
    await Promise.all(pool.map((thread) => analyseOn(thread, inputs.slice(0, WARM_UP_RUNS).values())));
    const beganAt = performance.now();
    const queue = inputs.values();
    await Promise.all(pool.map((thread) => analyseOn(thread, queue)));
    return performance.now() - beganAt;
  } finally {
    await Promise.all(pool.map((thread) => thread.terminate()));
  }
}

async function analyseOn(thread: Worker, queue: Iterator<AnalysisInput>): Promise<void> {
  for (let next = queue.next(); next.done !== true; next = queue.next()) {
    const answered = once(thread, "message");
    thread.postMessage(next.value);
    await answered;
  }
}
