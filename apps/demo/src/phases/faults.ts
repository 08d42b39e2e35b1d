import { recoveryOf, type Kill, type Recovery } from "../audit/recovery.ts";
import { counted, seconds } from "../report/units.ts";
import type { WorkerProcess } from "../worker-process/worker-process.ts";
import { followRuns, type PhaseContext } from "./follow-runs.ts";
import { killWhileBusy } from "./kill-worker.ts";

/** What the part with faults has shown. */
export interface Faults extends Recovery {
  readonly runs: number;
  /** The name of the worker that was killed. */
  readonly killed: string;
}

/** The share of the runs that have ended when the rest is enqueued and the worker is killed. */
const KILL_AFTER = 1 / 3;
/** Airports in one request. */
const LOT = 25;

/**
 * Mixed load with a flaky and a poisonous task in it; one of the workers is killed on the way, and another one
 * started in its place. @throws UmbelError
 */
export async function runWithFaults(context: PhaseContext): Promise<Faults> {
  const { reporter, signal, stage } = context;
  const { ledger, workers, mails, notices } = stage;
  const [victim] = workers.all;
  if (victim === undefined) throw new Error("there is no worker to kill");
  const total = countRuns(context);
  let kill: Kill | undefined;
  await followRuns(context, {
    total,
    enqueue: async () => {
      const aThird = ledger.ended(total * KILL_AFTER, signal);
      await enqueueFirst(context);
      await aThird;
      signal.throwIfAborted();
      await enqueueRest(context);
      kill = await killWhileBusy({ ledger, workers, victim, signal });
      if (kill !== undefined) await replace(context, victim, kill);
    },
    note: () =>
      `${mails.arrived} mails, ${notices.retries} retries, ${counted(notices.deadLetters.size, "dead letter")}`,
  });
  const recovery = kill === undefined ? NOTHING : recoveryOf(kill, (runId) => notices.of(runId));
  const { orphaned, recovered, lastMs } = recovery;
  reporter.line(`     ${recovered} of its ${orphaned} runs started again; the last after ${seconds(lastMs)}`);
  return { runs: total, killed: victim.name, ...recovery };
}

const NOTHING: Recovery = { orphaned: 0, recovered: 0, lastMs: 0 };

async function replace({ stage, reporter }: PhaseContext, victim: WorkerProcess, kill: Kill): Promise<void> {
  const held = counted(kill.heldRunIds.length, "run");
  reporter.line(`     ${victim.name} killed (SIGKILL, process ${victim.pid}) while it held ${held}`);
  const { threads, slots } = stage.sizes;
  const successor = await stage.workers.start({ role: "handlers", threads: threads[0], slots });
  reporter.line(`     ${successor.name} started in its place`);
}

// Every airport brings a mail of its own.
function countRuns({ stage: { kinds } }: PhaseContext): number {
  const enqueued = ["airport", "airport", "day", "flaky", "poison"];
  return enqueued.reduce((sum, kind) => sum + (kinds.get(kind)?.keys.size ?? 0), 0);
}

async function enqueueFirst(context: PhaseContext): Promise<void> {
  const { producer } = context.stage;
  const airports = keysOf(context, "airport");
  await producer.enqueue("flaky", keysOf(context, "flaky"));
  await producer.enqueue("airport", airports.slice(0, LOT));
  await producer.enqueue("poison", keysOf(context, "poison"));
  for (let first = LOT; first < airports.length; first += LOT) {
    await producer.enqueue("airport", airports.slice(first, first + LOT));
  }
}

async function enqueueRest(context: PhaseContext): Promise<void> {
  for (const day of keysOf(context, "day")) await context.stage.producer.enqueue("day", [day]);
}

function keysOf({ stage: { kinds } }: PhaseContext, kind: string): readonly string[] {
  return [...(kinds.get(kind)?.keys ?? [])];
}
