import { audit } from "./audit/audit.ts";
import type { DemoOptions } from "./demo-options.ts";
import { runFaultFree } from "./phases/fault-free.ts";
import { runWithFaults } from "./phases/faults.ts";
import type { PhaseContext } from "./phases/follow-runs.ts";
import { runInlineLoop } from "./phases/inline-loop.ts";
import { startWorkers } from "./phases/start-workers.ts";
import { keepLines, stageLines } from "./report/stage-text.ts";
import type { Reporter } from "./report/reporter.ts";
import { openStage, type Stage } from "./stage.ts";
import { answerOf } from "./summary/answer.ts";
import { checkPromises } from "./summary/promises.ts";
import { summarise, type Summary } from "./summary/summary.ts";

/** Where the demo happens. */
export interface DemoSurroundings {
  readonly reporter: Reporter;
  /** Ends the demo early; its reason is thrown. With `keep`, ends it in the end. */
  readonly signal: AbortSignal;
  /** Told what the demo came to, before anything is stopped. */
  readonly onSummary: (summary: Summary) => void;
}

/** Run the whole demo. @throws UmbelError, and the reason of the signal */
export async function runDemo(options: DemoOptions, surroundings: DemoSurroundings): Promise<Summary> {
  const { reporter, signal, onSummary } = surroundings;
  reporter.line("Umbel demo: real flights through a mesh that loses a worker on the way\n");
  await using stage = await openStage({
    share: options.share,
    signal,
    onProgress: (message) => reporter.line(`  ${message}`),
  });
  const summary = await perform({ stage, reporter, signal });
  onSummary(summary);
  if (options.keep) await stayOpen(stage, surroundings);
  return summary;
}

async function perform(context: PhaseContext): Promise<Summary> {
  const { stage, reporter } = context;
  await startWorkers(context);
  for (const line of stageLines(stage)) reporter.line(line);
  reporter.line("\n  1  Without faults: every departure time on the workers' threads");
  const faultFree = await runFaultFree(context);
  reporter.line("\n  2  What threads are for: a part of it on the event loop of a third worker");
  const inlineLoopDelayP99Ms = await runInlineLoop(context);
  reporter.line("\n  3  With faults: airports on threads, mails on the loop, a flaky and a poisonous task");
  const faults = await runWithFaults(context);
  reporter.line("\n  4  The audit: every acknowledged id, asked of the store\n");
  const evidence = await audit(stage, { faultFree, inlineLoopDelayP99Ms, faults });
  return summarise({
    evidence,
    promises: checkPromises(evidence),
    answer: answerOf(stage.ledger.entries),
    sizes: stage.sizes,
  });
}

async function stayOpen(stage: Stage, { reporter, signal }: DemoSurroundings): Promise<void> {
  for (const line of keepLines(stage)) reporter.line(line);
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  await promise;
}
