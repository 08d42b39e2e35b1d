import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { AnalysisInput } from "../analysis/analyse.ts";

/** Threads that compute and do nothing else: what a mesh is measured against. */
export class BareThreads implements AsyncDisposable {
  readonly #threads: readonly Worker[];

  constructor(count: number) {
    const file = new URL("./bare-thread.ts", import.meta.url);
    this.#threads = Array.from({ length: count }, () => new Worker(file));
  }

  /** Analyse the same `inputs` on each thread, so that its code is loaded and compiled. */
  async warmUp(inputs: readonly AnalysisInput[]): Promise<void> {
    await Promise.all(this.#threads.map((thread) => analyseOn(thread, inputs.values(), () => undefined)));
  }

  /**
   * Analyse all `inputs`, each on the first thread that is free, and tell of each when it is done. Resolves to how
   * long that took, in milliseconds.
   */
  async measure(inputs: readonly AnalysisInput[], onDone: () => void): Promise<number> {
    const beganAt = performance.now();
    const queue = inputs.values();
    await Promise.all(this.#threads.map((thread) => analyseOn(thread, queue, onDone)));
    return performance.now() - beganAt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

async function analyseOn(thread: Worker, queue: Iterator<AnalysisInput>, onDone: () => void): Promise<void> {
  for (let next = queue.next(); next.done !== true; next = queue.next()) {
    const answered = once(thread, "message");
    thread.postMessage(next.value);
    await answered;
    onDone();
  }
}
