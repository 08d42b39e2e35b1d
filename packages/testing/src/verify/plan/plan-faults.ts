import { FAULTS, type FaultKind } from "./fault-kinds.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** A fault of a plan: when, what, to whom. Times in milliseconds from the beginning. */
export interface PlannedFault {
  readonly id: number;
  readonly kind: FaultKind;
  readonly at: number;
  readonly lastsMs: number;
  /** Which worker, producer or server: the remainder by how many there are. */
  readonly target: number;
  /** Whether the one that leads is hit, whoever that is: of servers. */
  readonly leader: boolean;
  /** What is hit, where it is no process. */
  readonly what: "tasks" | "results" | "consumer";
  /** How much: the skew of a clock, or the delay of a way, in milliseconds. */
  readonly amountMs: number;
}

/** What {@link planFaults} goes by. */
export interface FaultPlanOptions {
  readonly durationMs: number;
  readonly kinds: readonly FaultKind[];
}

/** Nothing is done to a mesh before this, and after the last fault it has this long under load. */
const QUIET_MS = 2_000;
const GAP_MS = [1_000, 4_000] as const;
// A retry that another worker takes is late by the difference of their clocks, and a lane waits for it.
const MOST_SKEW_MS = 5_000;
const MOST_LATENCY_MS = 200;

/** Faults from the beginning to the end, every kind before any comes again. */
export function planFaults(
  { durationMs, kinds }: FaultPlanOptions,
  random: SeededRandom,
): readonly PlannedFault[] {
  const faults: PlannedFault[] = [];
  let bag: FaultKind[] = [];
  let at = QUIET_MS;
  while (kinds.length > 0 && at < durationMs - QUIET_MS) {
    if (bag.length === 0) bag = shuffled(kinds, random);
    const kind = bag.pop();
    if (kind === undefined) break;
    const fault = planFault({ id: faults.length + 1, kind, at }, random);
    faults.push(fault);
    // Half of them meet the next one, where that is possible.
    const overlaps = !FAULTS[kind].alone && random.next() < 0.5;
    at += (overlaps ? 0 : fault.lastsMs) + random.whole(...GAP_MS);
  }
  return faults;
}

function planFault(
  { id, kind, at }: Pick<PlannedFault, "id" | "kind" | "at">,
  random: SeededRandom,
): PlannedFault {
  const amountMs =
    kind === "worker-clock" ? random.whole(-MOST_SKEW_MS, MOST_SKEW_MS) : random.whole(1, MOST_LATENCY_MS);
  return {
    id,
    kind,
    at,
    lastsMs: random.whole(...FAULTS[kind].lastsMs),
    target: random.whole(0, 59),
    leader: random.next() < 0.6,
    what: whatOf(kind, random),
    amountMs,
  };
}

function whatOf(kind: FaultKind, random: SeededRandom): PlannedFault["what"] {
  if (kind === "consumer-delete") return "consumer";
  // The server takes no such limit for a stream with schedules: the one of the tasks is full only with its account.
  if (kind === "stream-full") return "results";
  return random.pick(
    kind === "step-down" ? (["tasks", "results", "consumer"] as const) : (["tasks", "results"] as const),
  );
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const left = [...items];
  return Array.from(items, () => left.splice(random.whole(0, left.length - 1), 1)).flat();
}
