import { threadsOf } from "../sizes.ts";
import { followRuns, type PhaseContext } from "./follow-runs.ts";

/** Runs for each thread before anything is measured: so that its code is loaded and compiled. */
export const WARM_UP_RUNS = 3;

/** Start the two workers, and give their threads something to warm up with. @throws UmbelError */
export async function startWorkers(context: PhaseContext): Promise<void> {
  const { sizes, workers, kinds, producer } = context.stage;
  await Promise.all(
    sizes.threads.map((threads) => workers.start({ role: "handlers", threads, slots: sizes.slots })),
  );
  context.signal.throwIfAborted();
  const keys = [...(kinds.get("departure")?.keys ?? [])].slice(0, WARM_UP_RUNS * threadsOf(sizes));
  await followRuns(context, {
    total: keys.length,
    enqueue: () => producer.enqueue("departure", keys),
    note: () => "warming up",
  });
}
