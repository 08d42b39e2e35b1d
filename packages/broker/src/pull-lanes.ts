import type { PullSource } from "./delivery.ts";
import type { LaneDelivery } from "./lane-delivery.ts";

/** What is known of a source that is a lane. */
export interface LaneState {
  /** The last run that this worker has taken from it, which stands in its way until it is settled. */
  held?: Pick<LaneDelivery, "holdsLane"> & Partial<Pick<LaneDelivery, "repeatAck">>;
  /** A run is known to wait in it. */
  hungry?: boolean;
}

/** A lane of {@link LaneState}, as far as it is looked at here. */
interface AskedLane extends LaneState {
  readonly source: PullSource;
  readonly request: { readonly kind: string };
}

/** How the lanes that are pulled for the same slots stand. */
export interface LaneLoad {
  /** Lanes with an outstanding request. */
  readonly asked: number;
  /** Slots that are kept for those of them in which a run is known to wait. */
  readonly reserved: number;
  /** Lanes that this worker holds no run of. */
  readonly free: number;
}

/** How long a request lasts when every free lane can have one at once. */
const LONG_MS = 2_000;
/** How long a free slot is kept for a lane in which a run was known to wait, and which another worker may have now. */
const HUNGRY_MS = 100;
/** Within this time every lane is asked once, however few slots there are. */
const ROUND_MS = 1_000;
const SHORTEST_MS = 50;

/** How the lanes stand that share the slots of `source`. Pure but for the time. */
export function laneLoad(states: readonly AskedLane[], { pool }: PullSource): LaneLoad {
  let asked = 0;
  let reserved = 0;
  let free = 0;
  for (const state of states) {
    if (state.source.lane === undefined || state.source.pool !== pool || isHeld(state)) continue;
    free += 1;
    if (state.request.kind !== "poll") continue;
    asked += 1;
    if (state.hungry === true) reserved += 1;
  }
  return { asked, reserved, free };
}

/**
 * How long to ask `lane` for, or `undefined` not to ask it now: it holds a run of this worker, or as many lanes
 * are asked as there is room, and one more. With room for all, requests are long; otherwise so short that all
 * lanes have their turn within a second.
 */
export function askLane(lane: AskedLane, room: number, { asked, free }: LaneLoad): number | undefined {
  const most = room + 1;
  if (isHeld(lane) || asked >= most) return undefined;
  if (lane.hungry === true) return HUNGRY_MS;
  if (free <= most) return LONG_MS;
  return Math.max(SHORTEST_MS, Math.round((ROUND_MS * most) / free));
}

function isHeld({ held }: LaneState): boolean {
  return held?.holdsLane(performance.now()) === true;
}
