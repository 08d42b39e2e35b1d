import type { Priority } from "@umbel/protocol";
import type { SeededRandom } from "./seeded-random.ts";

/** What a producer does. Each name is a feature of the mesh. */
export const OPERATION_KINDS = [
  "plain",
  "retrying",
  "failing",
  "delayed",
  "keyed",
  "keyed-retrying",
  "unique",
  "cancelled",
  "thread",
  "parent",
  "long",
  "bulk",
  "chosen",
  "expiring",
  "debounced",
  "redriven",
  "scheduled",
] as const;

/** The kind of an {@link Operation}. */
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** One enqueue, and what its run is to do. Times in milliseconds. */
export interface Operation {
  /** Its number: what producers and handlers write down. */
  readonly n: number;
  /** From the beginning. */
  readonly at: number;
  readonly producer: number;
  readonly kind: OperationKind;
  /** How long its handler works. */
  readonly workMs: number;
  readonly priority: Priority;
  /** How many of its attempts fail. */
  readonly failures: number;
  readonly delayMs: number;
  /** Its key, or its unique key. */
  readonly key: string;
  /** How long after its enqueue it is cancelled. */
  readonly cancelAfterMs: number;
  /** How many children its handler enqueues. */
  readonly children: number;
}

/** What {@link planOperations} goes by. */
export interface OperationPlanOptions {
  readonly durationMs: number;
  readonly perSecond: number;
  readonly producers: number;
}

/** What a task of the verification may do at most: all attempts of a run that fails for good. */
export const MOST_ATTEMPTS = 3;
/** Keys of each producer: few, so that runs of one key wait for each other. */
const KEYS = 4;
const UNIQUE_KEYS = 3;
/** Long runs live by their heartbeats: longer than the ack-wait of the verification. */
const LONG_MS = [3_500, 6_000] as const;

/** These take long, or make several runs each. */
const RARE = { long: 0.02, scheduled: 0.01 } as const;
/** Common kinds are here more often. */
const MIX: readonly OperationKind[] = [
  ...OPERATION_KINDS.filter((kind) => !Object.hasOwn(RARE, kind)),
  ...(["plain", "plain", "retrying", "delayed", "delayed", "keyed", "keyed", "keyed", "unique"] as const),
  ...(["cancelled", "cancelled", "thread"] as const),
];

/** Operations, evenly over the time. */
export function planOperations(
  { durationMs, perSecond, producers }: OperationPlanOptions,
  random: SeededRandom,
): readonly Operation[] {
  const count = Math.floor((durationMs / 1_000) * perSecond);
  return Array.from({ length: count }, (_, index) => {
    const kind = rareKind(random.next()) ?? random.pick(MIX);
    const producer = random.whole(0, producers - 1);
    const at = Math.floor(((index + random.next()) * 1_000) / perSecond);
    return { n: index + 1, at, producer, kind, ...details(kind, producer, random) };
  });
}

function rareKind(chance: number): OperationKind | undefined {
  if (chance < RARE.long) return "long";
  return chance < RARE.long + RARE.scheduled ? "scheduled" : undefined;
}

type Details = Omit<Operation, "n" | "at" | "producer" | "kind">;

function details(kind: OperationKind, producer: number, random: SeededRandom): Details {
  // Whatever the kind, as many numbers are drawn: so a plan hardly changes when a kind does.
  const workMs = kind === "long" ? random.whole(...LONG_MS) : random.whole(0, 60);
  const priority = random.pick(["high", "normal", "normal", "low"] as const);
  const failures = random.whole(1, MOST_ATTEMPTS - 1);
  const delayMs = random.whole(200, 4_000);
  const key = random.whole(1, kind === "unique" ? UNIQUE_KEYS : KEYS);
  const cancelAfterMs = random.whole(0, 600);
  const waits = random.next() < 0.5;
  return {
    workMs: kind === "cancelled" && !waits ? workMs * 20 : workMs,
    priority,
    failures: failuresOf(kind, failures),
    delayMs: isDelayed(kind, waits) ? delayMs : 0,
    key: keyOf(kind, producer, key),
    cancelAfterMs,
    children: kind === "parent" ? failures : 0,
  };
}

// The last of the enqueues of a debounced key is known only of one producer, which enqueues them one after another.
function keyOf(kind: OperationKind, producer: number, key: number): string {
  if (kind === "debounced") return `d${producer}`;
  return kind === "unique" ? `u${key}` : `p${producer}-${key}`;
}

function isDelayed(kind: OperationKind, waits: boolean): boolean {
  return kind === "delayed" || kind === "expiring" || (kind === "cancelled" && waits);
}

function failuresOf(kind: OperationKind, some: number): number {
  if (kind === "failing" || kind === "redriven") return MOST_ATTEMPTS;
  return kind === "retrying" || kind === "keyed-retrying" ? some : 0;
}

/** Whether it waits until the one before, of the same key, is enqueued: what is enqueued at the same time has no order. */
export function isInTurn(operation: Pick<Operation, "kind">): boolean {
  return isKeyed(operation) || operation.kind === "debounced";
}

/** Whether its run is one of a key. */
export function isKeyed({ kind }: Pick<Operation, "kind">): boolean {
  return kind === "keyed" || kind === "keyed-retrying";
}
