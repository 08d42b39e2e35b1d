import { milliseconds } from "../report/units.ts";
import { followRuns, type PhaseContext } from "./follow-runs.ts";

/** Enough to see what they do to an event loop. */
const SAMPLE = 48;

/**
 * Analyse a sample of the departure times on the event loop of a worker of its own, one at a time. Resolves to the
 * delay of that loop (p99, milliseconds). @throws UmbelError
 */
export async function runInlineLoop(context: PhaseContext): Promise<number> {
  const { kinds, producer, workers } = context.stage;
  const all = [...(kinds.get("inline")?.keys ?? [])];
  const every = Math.max(1, Math.floor(all.length / SAMPLE));
  const keys = all.filter((_, index) => index % every === 0);
  const worker = await workers.start({ role: "inline-handlers", threads: 1, slots: 1 });
  worker.measure();
  await followRuns(context, {
    total: keys.length,
    enqueue: () => producer.enqueue("inline", keys),
    note: () => "on the loop",
  });
  const { loopDelayP99Ms } = await worker.report();
  await workers.stop(worker);
  context.reporter.line(`     event-loop delay of that worker: ${milliseconds(loopDelayP99Ms)} (p99)`);
  return loopDelayP99Ms;
}
