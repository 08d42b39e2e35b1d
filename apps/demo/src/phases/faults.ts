import { recoveryOf, type Kill, type Recovery } from "../audit/recovery.ts";
import type { WorkerProcess } from "../worker-process/worker-process.ts";
import { followRuns, type PhaseContext } from "./follow-runs.ts";
import { killInTheMiddle } from "./kill-worker.ts";

/** What the part with faults has shown. */
export interface Faults extends Recovery {
  readonly runs: number;
  /** The name of the worker that was killed. */
  readonly killed: string;
}

/** The share of the runs that have ended when the worker is killed. */
const KILL_AFTER = 1 / 3;
/** Airports in one request. */
const LOT = 25;

/**
 * Mixed load with a flaky and a poisonous task in it; one of the workers is killed on the way, and another one
 * started in its place. @throws UmbelError
 */
export async function runWithFaults(context: PhaseContext): Promise<Faults> {
  const { ledger, workers, mails, notices } = context.stage;
  const [victim] = workers.all;
  if (victim === undefined) throw new Error("there is no worker to kill");
  const total = countRuns(context);
  const over = new AbortController();
  const [, kill] = await Promise.all([
    followRuns(context, {
      total,
      enqueue: () => enqueueMixed(context),
      note: () => `${mails.arrived} mails`,
    }).finally(() => over.abort()),
    killInTheMiddle({ ledger, workers, victim, after: total * KILL_AFTER, signal: over.signal }).then(
      (killed) => replace(context, victim, killed),
    ),
  ]);
  const recovery = kill === undefined ? NOTHING : recoveryOf(kill, (runId) => notices.of(runId));
  return { runs: total, killed: victim.name, ...recovery };
}

const NOTHING: Recovery = { orphaned: 0, recovered: 0, lastMs: 0 };

async function replace(
  { stage, reporter }: PhaseContext,
  victim: WorkerProcess,
  kill: Kill | undefined,
): Promise<Kill | undefined> {
  if (kill === undefined) return undefined;
  const held = kill.heldRunIds.length;
  reporter.line(`     ${victim.name} killed (SIGKILL, process ${victim.pid}) while it held ${held} runs`);
  const successor = await stage.workers.start(stage.sizes.threads[0]);
  reporter.line(`     ${successor.name} started in its place`);
  return kill;
}

// Every airport brings a mail of its own.
function countRuns({ stage: { kinds } }: PhaseContext): number {
  const counted = ["airport", "airport", "day", "flaky", "poison"];
  return counted.reduce((sum, kind) => sum + (kinds.get(kind)?.keys.size ?? 0), 0);
}

async function enqueueMixed({ stage: { kinds, producer } }: PhaseContext): Promise<void> {
  const keysOf = (kind: string): readonly string[] => [...(kinds.get(kind)?.keys ?? [])];
  const airports = keysOf("airport");
  await producer.enqueue("flaky", keysOf("flaky"));
  await producer.enqueue("airport", airports.slice(0, LOT));
  await producer.enqueue("poison", keysOf("poison"));
  for (const day of keysOf("day")) await producer.enqueue("day", [day]);
  for (let first = LOT; first < airports.length; first += LOT) {
    await producer.enqueue("airport", airports.slice(first, first + LOT));
  }
}
