import { recoveryOf, type Kill, type Recovery } from "../audit/recovery.ts";
import { followRuns, type PhaseContext } from "./follow-runs.ts";
import { killInTheMiddle } from "./kill-worker.ts";

/** What the part with faults has shown. */
export interface Faults extends Recovery {
  readonly runs: number;
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
  const { stage, reporter, signal } = context;
  const { kinds, ledger, workers } = stage;
  const victim = workers.all[0];
  const keysOf = (kind: string): readonly string[] => [...(kinds.get(kind)?.keys ?? [])];
  const direct = ["airport", "day", "flaky", "poison"].reduce((sum, kind) => sum + keysOf(kind).length, 0);
  const total = direct + keysOf("airport").length;
  if (victim === undefined) throw new Error("no worker to kill");

  const over = new AbortController();
  const killing = killInTheMiddle({
    ledger,
    workers,
    victim,
    after: total * KILL_AFTER,
    signal: AbortSignal.any([signal, over.signal]),
  }).then((kill) => replace(kill));
  await followRuns(context, { total, enqueue: () => enqueueMixed(context, keysOf), note: noteOf });
  over.abort();
  const kill = await killing;
  const nothing = { orphaned: 0, recovered: 0, lastMs: 0 };
  const recovery = kill === undefined ? nothing : recoveryOf(kill, (runId) => stage.notices.of(runId));
  return { runs: total, killed: victim.name, ...recovery };

  async function replace(kill: Kill | undefined): Promise<Kill | undefined> {
    if (kill === undefined) return undefined;
    reporter.line(`     ✗ ${victim?.name} killed (SIGKILL) while it held ${kill.heldRunIds.length} runs`);
    const successor = await workers.start(stage.sizes.threads[0]);
    reporter.line(`     ✓ ${successor.name} started in its place`);
    return kill;
  }

  function noteOf(): string {
    return `${stage.mails.arrived} mails`;
  }
}

async function enqueueMixed(
  { stage }: PhaseContext,
  keysOf: (kind: string) => readonly string[],
): Promise<void> {
  const { producer } = stage;
  const airports = keysOf("airport");
  const days = keysOf("day");
  await producer.enqueue("flaky", keysOf("flaky"));
  await producer.enqueue("airport", airports.slice(0, LOT));
  await producer.enqueue("poison", keysOf("poison"));
  for (const day of days) await producer.enqueue("day", [day]);
  for (let first = LOT; first < airports.length; first += LOT) {
    await producer.enqueue("airport", airports.slice(first, first + LOT));
  }
}
