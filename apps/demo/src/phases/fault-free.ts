import { departureInputs } from "../api/run-kinds.ts";
import { measureBareThreads } from "../bare/measure-bare-threads.ts";
import { threadsOf } from "../sizes.ts";
import { followRuns, type PhaseContext } from "./follow-runs.ts";

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

/** Analyse every departure time on the workers' threads, and the same on bare ones. @throws UmbelError */
export async function runFaultFree(context: PhaseContext): Promise<FaultFree> {
  const { stage, reporter, signal } = context;
  const { data, producer, workers, sizes } = stage;
  const inputs = departureInputs(data);
  reporter.line(`     the ideal: ${inputs.length} analyses on ${threadsOf(sizes)} bare threads …`);
  const idealMs = await measureBareThreads(inputs, threadsOf(sizes));
  signal.throwIfAborted();

  reporter.line("     the same through the API and the mesh …");
  for (const worker of workers.all) worker.measure();
  const beganAt = performance.now();
  await followRuns(context, { total: inputs.length, enqueue: () => enqueueAll() });
  const wallMs = performance.now() - beganAt;
  const reports = await Promise.all(workers.all.map((worker) => worker.report()));
  const loopDelayP99Ms = Math.max(...reports.map((report) => report.loopDelayP99Ms));
  return { runs: inputs.length, wallMs, idealMs, loopDelayP99Ms };

  async function enqueueAll(): Promise<void> {
    for (let first = 0; first < inputs.length; first += LOT) {
      await producer.enqueue(
        "departure",
        inputs.slice(first, first + LOT).map(({ key }) => key),
      );
    }
  }
}
