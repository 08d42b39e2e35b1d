import { isTaskName } from "./names.ts";
import type { Priority } from "./priority.ts";
import type { Backoff } from "./retry-policy.ts";
import { formatFields, parseField } from "./run-header-fields.ts";
import { undecodableHeader, wholeTime } from "./run-header-values.ts";
import { describe } from "./umbel-error.ts";

/** The header that makes a message an Umbel run. */
export const RUN_HEADER = "Umbel";
/** The version of the wire protocol that this code speaks. */
export const PROTOCOL_VERSION = "1";

/** All that routing, retrying and watching a run needs, without its body. Times in milliseconds since the epoch. */
export interface RunMeta {
  readonly task: string;
  readonly enqueuedAt: number;
  /** Who published it: tells one's own write from another's after a time-out. */
  readonly origin: string;
  /** The attempt that the next start belongs to, from 1. */
  readonly attempt: number;
  /** Published more than once, perhaps: read the run record before the first start. */
  readonly verify: boolean;
  /** No start before this. */
  readonly dueAt?: number;
  /** When it was due at first, if a retry has a due time of its own now. */
  readonly firstDueAt?: number;
  /** No start after this. */
  readonly expiresAt?: number;
  /** No attempt ends later than this, and none starts. */
  readonly deadlineAt?: number;
  /** These overrule the worker's own definition of the task. `Infinity`: no number of attempts ends it. */
  readonly maxAttempts?: number;
  readonly maxElapsedMs?: number;
  readonly backoff?: Backoff;
  readonly timeoutMs?: number;
  readonly resultTtlMs?: number;
  readonly ignoreResult?: boolean;
  /** What is enqueued when the run has failed for good; `null`: nothing, whatever its task says. */
  readonly onFailure?: FailureTask | null;
  /** The run whose handler enqueued this one, and the first run of that line. */
  readonly parentRunId?: string;
  readonly rootRunId?: string;
  /** The dead run that this one repeats. */
  readonly redriveOf?: string;
  /** What users find it by. */
  readonly tags?: readonly string[];
  /** The key of the lock that keeps it unique. */
  readonly lock?: string;
  /** A keyed run that others of its key may overtake while it waits for its next attempt. */
  readonly reorder?: boolean;
}

/** The task that hears of a final failure, and where its run waits. */
export interface FailureTask {
  readonly task: string;
  readonly queue: string;
  /** @default "normal" */
  readonly priority?: Priority;
}

/**
 * The value of the `Umbel` header: `1;<task>;<enqueuedAt>;<origin>` and then `;key=value` for whatever is not
 * the default. Few bytes and one header, because every header costs.
 */
export function formatRunHeader(meta: RunMeta): string {
  return `${PROTOCOL_VERSION};${meta.task};${meta.enqueuedAt};${meta.origin}${formatFields(meta)}`;
}

/**
 * The meta data that a header's value holds. Unknown keys are left alone, so that a newer producer can add some.
 *
 * @throws UmbelError `undecodable` for anything that is not a run of this protocol version.
 */
export function parseRunHeader(value: string): RunMeta {
  // What one producer enqueues within a millisecond has the same header, and comes here in a row.
  if (value !== last.value) last = { value, meta: parse(value) };
  return last.meta;
}

let last: { readonly value: string | undefined; readonly meta: RunMeta } = {
  value: undefined,
  meta: { task: "-", enqueuedAt: 0, origin: "-", attempt: 1, verify: false },
};

function parse(value: string): RunMeta {
  const [version, task, enqueuedAt, origin, ...pairs] = value.split(";");
  if (version !== PROTOCOL_VERSION)
    throw undecodableHeader(`protocol version ${describe(version)} is not known`, value);
  if (task === undefined || enqueuedAt === undefined || origin === undefined || origin === "") {
    throw undecodableHeader("it must hold at least version, task, time and origin", value);
  }
  if (!isTaskName(task)) throw undecodableHeader(`${describe(task)} cannot name a task`, value);
  const base = { task, enqueuedAt: wholeTime(enqueuedAt, value), origin, attempt: 1, verify: false };
  // The fast path: nothing but defaults.
  return pairs.length === 0 ? base : Object.assign(base, ...pairs.map((pair) => parseField(pair, value)));
}
