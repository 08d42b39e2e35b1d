import { PRIORITIES } from "@umbel/protocol";
import type { PullSource } from "./delivery.ts";
import { askLane, laneLoad, type LaneLoad, type LaneState } from "./pull-lanes.ts";

/** What is outstanding with the broker for one source. */
export type PullRequest =
  | { readonly kind: "none" }
  /** All that waits now, up to `remaining`: answered at once. */
  | { readonly kind: "scan"; readonly remaining: number; readonly deadline: number }
  /** The next `remaining` that come, within {@link POLL_EXPIRES_MS}. Outstanding, it proves that nothing waits. */
  | { readonly kind: "poll"; readonly remaining: number; readonly deadline: number }
  /** Nothing: the broker refused, and is asked again after `until`. */
  | { readonly kind: "pause"; readonly until: number };

/** How long one long poll lasts. A stop waits for it at most this long. */
export const POLL_EXPIRES_MS = 2_000;
/** How much later than agreed an answer may come before the request counts as lost. */
export const ANSWER_GRACE_MS = 2_000;
/** How long a source that was refused is left alone. */
export const PAUSE_MS = 250;

/** A source with its request. Ordered by priority, the most urgent first. */
export interface SourceState extends LaneState {
  readonly source: PullSource;
  request: PullRequest;
  /** Known to hold nothing more: the next request is a poll. */
  empty: boolean;
  /** Requests in a row that the broker never answered. */
  unanswered: number;
  /** Requests in a row that it refused: the consumer is gone, or has no leader. */
  refused: number;
}

/** What to ask next. */
export type PullStep =
  | { readonly action: "scan"; readonly state: SourceState; readonly wanted: number }
  | {
      readonly action: "poll";
      readonly state: SourceState;
      readonly wanted: number;
      readonly expiresMs: number;
    }
  | { readonly action: "wait" };

/**
 * The next request to send: strictly by priority, skipping what a long poll already covers and sources of
 * which nothing is wanted. Nothing lower is asked for while a scan of something higher is under way.
 *
 * @param wanted how many more runs of a source would be taken now.
 */
export function nextStep(states: readonly SourceState[], wanted: (source: PullSource) => number): PullStep {
  const underWay = scanned(states);
  const lanes = states.some(({ source }) => source.lane !== undefined);
  const loads = lanes ? new Map<string | undefined, LaneLoad>() : undefined;
  for (const state of states) {
    const { kind } = state.request;
    if (kind === "scan") return { action: "wait" };
    if (kind !== "none") continue;
    const room = wanted(state.source);
    const load = loads === undefined ? NO_LANES : loadOf(loads, states, state.source);
    const more = room - underWay - load.reserved;
    if (more <= 0) continue;
    if (state.source.lane !== undefined) {
      const expiresMs = askLane(state, room, load);
      if (expiresMs !== undefined) return { action: "poll", state, wanted: 1, expiresMs };
    } else if (state.empty) return poll(state, room);
    else return { action: "scan", state, wanted: more };
  }
  return { action: "wait" };
}

/** So little of the room that all polls together hardly ever bring more than there is. */
const POLLED_PART = 8;
const MOST_POLLED = 16;

/**
 * A long poll of `state` while there is `room`. Where runs come one at a time, the requests for each would cost the
 * server and the worker as much as the runs; but what several polls bring at once may be more than there is room for.
 */
export function poll(state: SourceState, room: number): PullStep {
  const wanted = Math.max(1, Math.min(MOST_POLLED, Math.floor(room / POLLED_PART)));
  return { action: "poll", state, wanted, expiresMs: POLL_EXPIRES_MS };
}

/**
 * `states` with the one that was just scanned behind its equals: queues take turns within a priority.
 */
export function rotate(states: SourceState[], asked: SourceState): void {
  const from = states.indexOf(asked);
  let to = from;
  while (states[to + 1]?.source.priority === asked.source.priority) to++;
  if (to === from) return;
  states.splice(from, 1);
  states.splice(to, 0, asked);
}

// Looked at for every state, and the same for all that share slots.
function loadOf(
  loads: Map<string | undefined, LaneLoad>,
  states: readonly SourceState[],
  source: PullSource,
): LaneLoad {
  const load = loads.get(source.pool) ?? laneLoad(states, source);
  loads.set(source.pool, load);
  return load;
}

const NO_LANES = { asked: 0, reserved: 0, free: 0 } as const;

/** How many runs the outstanding scans may still bring. */
export function scanned(states: readonly SourceState[]): number {
  let total = 0;
  for (const { request } of states) if (request.kind === "scan") total += request.remaining;
  return total;
}

/** After this many requests in a row without an answer, a source counts as deaf. */
const DEAF_AFTER_UNANSWERED = 3;
/** After this many refusals in a row, one every {@link PAUSE_MS} or so: longer than an election takes. */
const DEAF_AFTER_REFUSED = 30;

/** Whether the broker has not given the consumer of `state` a chance for so long that something is wrong. */
export function isDeaf(state: SourceState): boolean {
  return state.unanswered >= DEAF_AFTER_UNANSWERED || state.refused >= DEAF_AFTER_REFUSED;
}

/** Whether the request of `state` should have been answered by `now`. */
export function isOverdue(state: SourceState, now: number): boolean {
  const { request } = state;
  return (request.kind === "scan" || request.kind === "poll") && now > request.deadline + ANSWER_GRACE_MS;
}

/** The state of `source`, of which nothing has been asked. */
export function stateOf(source: PullSource): SourceState {
  return { source, request: { kind: "none" }, empty: false, unanswered: 0, refused: 0 };
}

/** The most urgent first. */
export function byPriority(states: readonly SourceState[]): SourceState[] {
  return PRIORITIES.flatMap((priority) => states.filter(({ source }) => source.priority === priority));
}

/** Whether an answer is still to come. */
export function isAsked({ request }: SourceState): boolean {
  return request.kind === "scan" || request.kind === "poll";
}
