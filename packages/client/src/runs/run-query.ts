import { momentMs } from "../moments.ts";
import {
  checkFields,
  checkKey,
  checkQueueName,
  checkTag,
  checkTaskName,
  invalidArgument,
  isOutcomeState,
  nearestName,
  parseDuration,
  type RunState,
} from "@umbel/protocol";

/** A state that a run can be listed in. */
export type ListedState = Exclude<RunState, "unknown">;

/** A moment: a Date, ISO 8601 text with a zone, or how long ago: `"1h"`. */
export type Moment = Date | string;

/** Which runs are meant: those to which every field applies. */
export interface RunFilter {
  /** One state, or several. */
  readonly state?: ListedState | readonly ListedState[];
  readonly queue?: string;
  readonly task?: string;
  readonly tag?: string;
  /** Runs with this key that have not ended: the outcome of a run does not tell its key. */
  readonly key?: string;
}

/** Which runs are listed, and how many at a time. */
export interface RunQuery extends RunFilter {
  /** Not before: when it ended, or when it was enqueued if it has not. */
  readonly since?: Moment;
  /** Not at or after, likewise. */
  readonly until?: Moment;
  /** At most this many, 1 to 1000. @default 100 */
  readonly limit?: number;
  /** Go on behind a page: its `after`. */
  readonly after?: string;
}

/** A filter, checked. Times in milliseconds since the epoch. */
export interface ResolvedFilter {
  /** `undefined`: any. */
  readonly states: ReadonlySet<RunState> | undefined;
  readonly queue: string | undefined;
  readonly task: string | undefined;
  readonly tag: string | undefined;
  readonly key: string | undefined;
  readonly since: number | undefined;
  readonly until: number | undefined;
}

const STATES: readonly ListedState[] = [
  "scheduled",
  "queued",
  "running",
  "retrying",
  "succeeded",
  "failed",
  "cancelled",
  "expired",
];
const FILTERS: readonly (keyof RunFilter)[] = ["state", "queue", "task", "tag", "key"];

/** Checks the filter of a listing. @throws UmbelError `invalid_argument` naming the wrong field */
export function resolveQuery(query: RunQuery, now: number): ResolvedFilter {
  checkFields(query, "list", [...FILTERS, "since", "until", "limit", "after"]);
  const since = query.since === undefined ? undefined : parseMoment(query.since, "since", now);
  const until = query.until === undefined ? undefined : parseMoment(query.until, "until", now);
  return { ...resolveFilter(query), since, until };
}

/** A filter for runs that have not ended, or `all: true`. @throws UmbelError `invalid_argument` */
export function resolveOpenFilter(filter: RunFilter & { readonly all?: true }, what: string): ResolvedFilter {
  checkFields(filter, what, [...FILTERS, "all"]);
  const narrowed = FILTERS.some((field) => filter[field] !== undefined);
  if (narrowed === (filter.all === true)) {
    const expected = `at least one of ${FILTERS.join(", ")}, or all: true alone`;
    throw invalidArgument({ field: what, received: filter, expected });
  }
  const resolved = resolveFilter(filter);
  const ended = [...(resolved.states ?? [])].find((state) => isOutcomeState(state));
  if (ended === undefined) return resolved;
  const expected = `states of runs that have not ended: ${STATES.filter((state) => !isOutcomeState(state)).join(", ")}`;
  throw invalidArgument({ field: "state", received: ended, expected });
}

function resolveFilter({ state, queue, task, tag, key }: RunFilter): ResolvedFilter {
  return {
    states: state === undefined ? undefined : checkStates(state),
    queue: queue === undefined ? undefined : checkQueueName(queue),
    task: task === undefined ? undefined : checkTaskName(task),
    tag: tag === undefined ? undefined : checkTag(tag),
    key: key === undefined ? undefined : checkKey(key),
    since: undefined,
    until: undefined,
  };
}

function checkStates(state: unknown): ReadonlySet<RunState> {
  const states: readonly unknown[] = Array.isArray(state) ? state : [state];
  if (states.length === 0)
    throw invalidArgument({ field: "state", received: state, expected: "at least one" });
  return new Set(states.map(checkState));
}

/** @throws UmbelError `invalid_argument` unless `value` is a state that runs are listed by */
function checkState(value: unknown): ListedState {
  const found = STATES.find((state) => state === value);
  if (found !== undefined) return found;
  const nearest = typeof value === "string" ? nearestName(value, STATES) : undefined;
  throw invalidArgument({
    field: "state",
    received: value,
    expected: `one of ${STATES.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}

const AGO = /^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/;

function parseMoment(moment: Moment, field: string, now: number): number {
  const ms = momentOf(moment, field, now);
  if (Number.isFinite(ms)) return ms;
  throw invalidArgument({
    field,
    received: moment,
    expected: 'a Date, ISO 8601 text with a zone, or how long ago such as "1h"',
  });
}

function momentOf(moment: Moment, field: string, now: number): number {
  if (typeof moment === "string" && AGO.test(moment)) return now - parseDuration(moment, field);
  return momentMs(moment);
}
