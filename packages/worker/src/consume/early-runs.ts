import { PRIORITIES, type Priority } from "@umbel/protocol";
import type { SlotUser } from "./slot-pool.ts";

/** A run that came before it is due. */
export interface EarlyRun {
  readonly user: SlotUser;
  /** By the server's clock. */
  readonly dueAt: number;
  readonly priority: Priority;
}

/** What {@link EarlyRuns} asks and tells. */
export interface EarlyRunsHooks {
  /** The server's time. */
  readonly now: () => number;
  /** A run is due: `false` when there is no room for it at this moment. */
  readonly onDue: (run: EarlyRun) => boolean;
}

interface Held extends EarlyRun {
  readonly order: number;
}

/** How long a run that is due waits here for room before others may have it. */
const PATIENCE_MS = 100;
/** How soon room is looked for again. */
const AGAIN_MS = 2;

/**
 * Holds runs that came before they are due, outside of any slot, and lets each go when it is due: never earlier.
 * For moments only: shorter than any ack-wait, so that nothing held here needs a heartbeat.
 */
export class EarlyRuns {
  readonly #hooks: EarlyRunsHooks;
  /** A binary heap: the first is the one that goes next. */
  #heap: Held[] = [];
  #added = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerFor = Number.POSITIVE_INFINITY;

  constructor(hooks: EarlyRunsHooks) {
    this.#hooks = hooks;
  }

  /** How many are held. */
  get size(): number {
    return this.#heap.length;
  }

  /** What is held, in no order. */
  get runs(): readonly EarlyRun[] {
    return this.#heap;
  }

  hold(run: EarlyRun): void {
    this.#push({ ...run, order: this.#added++ });
    this.#arm();
  }

  /** Give all of them up. */
  giveUp(): void {
    const held = this.#heap;
    this.#heap = [];
    this.#disarm();
    for (const { user } of held) user.giveUp();
  }

  #arm(): void {
    const [next] = this.#heap;
    if (next === undefined || next.dueAt >= this.#timerFor) return;
    this.#disarm();
    this.#timerFor = next.dueAt;
    // Whole milliseconds, rounded up: what fires too early only has to be armed again.
    const leftMs = Math.ceil(next.dueAt - this.#hooks.now());
    this.#timer = setTimeout(() => this.#letGo(), leftMs > 0 ? leftMs : AGAIN_MS);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timerFor = Number.POSITIVE_INFINITY;
  }

  #letGo(): void {
    this.#disarm();
    const now = this.#hooks.now();
    for (let next = this.#heap[0]; next !== undefined && next.dueAt <= now; next = this.#heap[0]) {
      if (!this.#hooks.onDue(next)) {
        if (now - next.dueAt <= PATIENCE_MS) break;
        next.user.giveUp();
      }
      this.#pop();
    }
    this.#arm();
  }

  #push(held: Held): void {
    const heap = this.#heap;
    let index = heap.push(held) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !goesBefore(held, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = held;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const below = firstChild(heap, index);
      const child = heap[below];
      if (child === undefined || !goesBefore(child, last)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
  }
}

// Of the two below `index`, the one that goes first.
function firstChild(heap: readonly Held[], index: number): number {
  const left = heap[index * 2 + 1];
  const right = heap[index * 2 + 2];
  return left !== undefined && right !== undefined && goesBefore(right, left) ? index * 2 + 2 : index * 2 + 1;
}

function goesBefore(one: Held, other: Held): boolean {
  if (one.dueAt !== other.dueAt) return one.dueAt < other.dueAt;
  const rank = PRIORITIES.indexOf(one.priority) - PRIORITIES.indexOf(other.priority);
  return rank === 0 ? one.order < other.order : rank < 0;
}
