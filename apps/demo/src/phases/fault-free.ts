import type { AnalysisInput } from "../analysis/analyse.ts";
import { departureInputs } from "../api/run-kinds.ts";
import { BareThreads } from "../bare/bare-threads.ts";
import { milliseconds, seconds } from "../report/units.ts";
import { threadsOf } from "../sizes.ts";
import { followRuns, type PhaseContext } from "./follow-runs.ts";
import { WARM_UP_RUNS } from "./start-workers.ts";

/** What the part without faults has measured. Milliseconds. */
export interface FaultFree {
  readonly runs: number;
  /** From the first request to the API until the last outcome was there. */
  readonly wallMs: number;
  /** The same work on as many bare threads. */
  readonly idealMs: number;
  /** The worse one of the two workers. */
  readonly loopDelayP99Ms: number;
}

/** Runs in one request. */
const LOT = 100;

/**
 * Analyse every departure time on the workers' threads; and on bare ones, half of it before and half of it after,
 * so that a machine that becomes busier or idler meanwhile is the same for both. @throws UmbelError
 */
export async function runFaultFree(context: PhaseContext): Promise<FaultFree> {
  const { reporter, stage } = context;
  const inputs = departureInputs(stage.data);
  const half = (parity: number): readonly AnalysisInput[] =>
    inputs.filter((_, index) => index % 2 === parity);
  await using bare = new BareThreads(threadsOf(stage.sizes));
  await bare.warmUp(inputs.slice(0, WARM_UP_RUNS));
  const firstMs = await measureBare(context, bare, half(0));
  const { wallMs, loopDelayP99Ms } = await runOnMesh(
    context,
    inputs.map(({ key }) => key),
  );
  const idealMs = firstMs + (await measureBare(context, bare, half(1)));
  reporter.line(
    `     ${inputs.length} runs in ${seconds(wallMs)}; ${seconds(idealMs)} on bare threads, without a mesh`,
  );
  reporter.line(`     event-loop delay of the workers meanwhile: ${milliseconds(loopDelayP99Ms)} (p99)`);
  return { runs: inputs.length, wallMs, idealMs, loopDelayP99Ms };
}

async function measureBare(
  { reporter, signal }: PhaseContext,
  bare: BareThreads,
  inputs: readonly AnalysisInput[],
): Promise<number> {
  let done = 0;
  const note = "on bare threads, to compare";
  using progress = reporter.progress(inputs.length, note);
  return await bare.measure(inputs, () => {
    signal.throwIfAborted();
    done += 1;
    progress.update(done, note);
  });
}

async function runOnMesh(
  context: PhaseContext,
  keys: readonly string[],
): Promise<Pick<FaultFree, "wallMs" | "loopDelayP99Ms">> {
  const { producer, workers } = context.stage;
  for (const worker of workers.all) worker.measure();
  const beganAt = performance.now();
  await followRuns(context, {
    total: keys.length,
    enqueue: async () => {
      for (let first = 0; first < keys.length; first += LOT) {
        await producer.enqueue("departure", keys.slice(first, first + LOT));
      }
    },
    note: () => "through the API and the mesh",
  });
  const wallMs = performance.now() - beganAt;
  const reports = await Promise.all(workers.all.map((worker) => worker.report()));
  return { wallMs, loopDelayP99Ms: Math.max(...reports.map((report) => report.loopDelayP99Ms)) };
}
