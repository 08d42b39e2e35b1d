import { PRIORITIES, type Priority } from "@umbel/protocol";
import type { PullSource } from "./delivery.ts";
import { nextStep, poll, scanned, type PullStep, type SourceState } from "./pull-requests.ts";

/** How much of what is begun each priority gets while all have work: parts of their sum. */
export type PriorityWeights = Readonly<Record<Priority, number>>;

/**
 * Remembers what each priority was given, and says whose turn it is: whoever was given least for its weight. A
 * priority that has no work for a while gets no arrears for it.
 */
export class PriorityShares {
  readonly weights: PriorityWeights;
  readonly #given: Record<Priority, number> = { high: 0, normal: 0, low: 0 };

  constructor(weights: PriorityWeights) {
    this.weights = weights;
  }

  /** A run of `priority` has come. */
  charge(priority: Priority): void {
    this.#given[priority] += 1 / this.weights[priority];
  }

  /** Of `waiting`, whose turn it is; between equals the most urgent. */
  turn(waiting: ReadonlySet<Priority>): Priority | undefined {
    let first: Priority | undefined;
    for (const priority of PRIORITIES) {
      if (!waiting.has(priority)) continue;
      if (first === undefined || this.#given[priority] < this.#given[first]) first = priority;
    }
    if (first !== undefined) this.#forgetArrears(waiting, this.#given[first]);
    return first;
  }

  /** How many of `wanted` runs `priority` may ask for at a time while all of `waiting` have work: one at least. */
  part(wanted: number, priority: Priority, waiting: ReadonlySet<Priority>): number {
    let sum = 0;
    for (const other of waiting) sum += this.weights[other];
    return Math.ceil((wanted * this.weights[priority]) / sum);
  }

  #forgetArrears(waiting: ReadonlySet<Priority>, least: number): void {
    for (const priority of PRIORITIES) {
      if (!waiting.has(priority)) this.#given[priority] = Math.max(this.#given[priority], least);
    }
  }
}

/**
 * The next request to send when priorities share: polls for what is known to be empty, so that nothing new stays
 * unseen; then a scan of whoever's turn it is, one at a time.
 *
 * @param wanted how many more runs of a source would be taken now.
 */
export function nextSharedStep(
  states: readonly SourceState[],
  wanted: (source: PullSource) => number,
  shares: PriorityShares,
): PullStep {
  if (scanned(states) > 0) return { action: "wait" };
  const lane = nextStep(states.filter(isLane), wanted);
  if (lane.action === "poll") return lane;
  const open = states.filter(
    (state) => !isLane(state) && state.request.kind === "none" && wanted(state.source) > 0,
  );
  const unpolled = open.find(({ empty }) => empty);
  if (unpolled !== undefined) return poll(unpolled, wanted(unpolled.source));
  const waiting = new Set(open.map(({ source }) => source.priority));
  const turn = shares.turn(waiting);
  const state = open.find(({ source }) => source.priority === turn);
  if (state === undefined || turn === undefined) return { action: "wait" };
  return { action: "scan", state, wanted: shares.part(wanted(state.source), turn, waiting) };
}

// Lanes are never scanned, and take turns among themselves.
function isLane({ source }: SourceState): boolean {
  return source.lane !== undefined;
}
