import type { Note } from "../processes/note.ts";
import type { BenchServer } from "../server/bench-server.ts";

/**
 * Make sure that each of `runs` runs was executed once and has its outcome, and that none is left.
 *
 * @throws Error saying what is wrong: then the figures mean nothing.
 */
export async function checkDelivery(
  server: Pick<BenchServer, "queuedRuns" | "storedOutcomes">,
  runs: number,
  worker: Pick<Note, "values">,
): Promise<void> {
  const { total, distinct } = worker.values;
  expectCount("executions", total, runs);
  expectCount("runs executed", distinct, runs);
  expectCount("outcomes stored", await server.storedOutcomes(), runs);
  expectCount("runs left in the queue", await server.queuedRuns(), 0);
}

/** @throws Error unless `found` is `expected`. */
export function expectCount(what: string, found: number | undefined, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found} instead of ${expected}`);
}
