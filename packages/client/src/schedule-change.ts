import {
  EXPECT_SEQUENCE,
  EXPECT_SUBJECT,
  SCHEDULE,
  SCHEDULE_TARGET,
  type StoredRecord,
  type WholeRunMessage,
} from "@umbel/broker";
import {
  anywhereSubject,
  formatRunHeader,
  isOutcomeState,
  parseRunHeader,
  RUN_HEADER,
  type RunMeta,
  type RunRecord,
} from "@umbel/protocol";

/** A run that waits for its time. */
export interface ScheduledRun {
  readonly message: WholeRunMessage;
  readonly kind: "delayed" | "retrying";
  readonly meta: RunMeta;
  readonly dueAt: number;
  /** When its schedule fires: a little before it is due. */
  readonly firesAt: number;
}

/** What of a scheduled run is to be different. */
export interface ScheduleChange {
  readonly dueAt?: number;
  readonly body?: Uint8Array;
}

/** A run as it is to be: the message that replaces the one that is there. */
export interface Replacement {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly runHeader: string;
}

/** So late a schedule may fire: 50,000 that were due at one instant took the broker 1.6 seconds. */
export const FIRE_PATIENCE_MS = 5_000;
/** A schedule this near is the broker's: it may be firing. */
const TOO_NEAR_MS = 300;
/** One that is overdue for so long has not fired: this machine's clock is ahead, or the broker was away. */
const LONG_OVERDUE_MS = 2_000;
/** A change that was stored this long before the old time was not too late. */
const CLEAR_OF_FIRING_MS = 150;

/** What `message` says of a run that waits for its time; `undefined` when it does not wait for any. Pure. */
export function scheduledRun(message: WholeRunMessage): ScheduledRun | undefined {
  const kind = message.address?.kind;
  if (kind !== "delayed" && kind !== "retrying") return undefined;
  const pattern = headerOf(message, SCHEDULE) ?? "";
  const firesAt = pattern.startsWith(AT) ? Date.parse(pattern.slice(AT.length)) : Number.NaN;
  if (Number.isNaN(firesAt)) return undefined;
  const meta = parseRunHeader(message.runHeader);
  return { message, kind, meta, dueAt: meta.dueAt ?? firesAt, firesAt };
}

const AT = "@at ";

/** Whether a schedule is about to fire, as far as this machine's clock knows. Pure. */
export function isFiring(firesAt: number, now: number): boolean {
  const leftMs = firesAt - now;
  return leftMs <= TOO_NEAR_MS && leftMs >= -LONG_OVERDUE_MS;
}

/** Whether a schedule may have fired although it was seen waiting at `now`. Pure. */
export function isNear(firesAt: number, now: number): boolean {
  return firesAt - now <= FIRE_PATIENCE_MS;
}

/** What of a run's record tells whether it has begun. */
export interface SeenRecord extends Pick<StoredRecord, "tombstone"> {
  readonly record: Pick<RunRecord, "state"> | undefined;
}

/** Whether a handler of the run was begun since it was scheduled, as far as its record says. Pure. */
export function hasBegun(stored: SeenRecord | undefined): boolean {
  if (stored === undefined) return false;
  const { record, tombstone } = stored;
  return tombstone || (record !== undefined && (record.state === "running" || isOutcomeState(record.state)));
}

// Whether what the server stored at `storedAt` came before it could fire a schedule of `firesAt`.
function wasInTime(storedAt: number, firesAt: number): boolean {
  return storedAt < firesAt - CLEAR_OF_FIRING_MS;
}

/**
 * The message that makes `run` be as `change` says, if nothing has happened to it since it was read. Pure.
 *
 * It asks the worker to look at the record first: on a cluster, what is replaced and its replacement may both
 * become ready.
 */
export function replacement(
  run: ScheduledRun,
  change: ScheduleChange,
  { mesh, runId }: { readonly mesh: string; readonly runId: string },
): Replacement {
  const { message } = run;
  const dueAt = change.dueAt ?? run.dueAt;
  const runHeader = formatRunHeader({ ...run.meta, ...movedTimes(run, dueAt), verify: true });
  const kept = message.headers.filter(([name]) => !name.startsWith("Nats-") && name !== RUN_HEADER);
  return {
    subject: message.subject,
    body: change.body ?? message.body,
    runHeader,
    headers: [
      [EXPECT_SEQUENCE, String(message.sequence)],
      [EXPECT_SUBJECT, anywhereSubject(mesh, runId)],
      [SCHEDULE, AT + new Date(dueAt - (run.dueAt - run.firesAt)).toISOString()],
      [SCHEDULE_TARGET, headerOf(message, SCHEDULE_TARGET) ?? ""],
      [RUN_HEADER, runHeader],
      ...kept,
    ],
  };
}

// The limits of a delayed run count from its due time; those of a retry from when it was due at first.
function movedTimes({ kind, meta, dueAt: before }: ScheduledRun, dueAt: number): Partial<RunMeta> {
  if (kind === "retrying") return { dueAt };
  const { expiresAt, deadlineAt } = meta;
  const moved = (limit: number): number => Math.max(0, limit + dueAt - before);
  return {
    dueAt,
    ...(expiresAt === undefined ? {} : { expiresAt: moved(expiresAt) }),
    ...(deadlineAt === undefined ? {} : { deadlineAt: moved(deadlineAt) }),
  };
}

/** Whether `message` is what `wanted` says, wherever it is by now. Pure. */
export function isReplacement(message: WholeRunMessage, wanted: Replacement): boolean {
  return message.runHeader === wanted.runHeader && Buffer.compare(message.body, wanted.body) === 0;
}

/** A replacement that was stored, at `sequence`; what it replaced was read at `at`. */
export interface StoredReplacement {
  readonly run: ScheduledRun;
  readonly wanted: Replacement;
  readonly at: number;
  readonly sequence: number;
}

/**
 * Whether a replacement stands: `ready` when the run is what it was before, and has been given to workers like that;
 * `open` when that cannot be seen yet. Pure.
 *
 * @param seen the run's message, and whether it {@link hasBegun} although it was near its time.
 */
export function judgeReplacement(
  { run, wanted, at, sequence }: StoredReplacement,
  { found, begun }: { readonly found: WholeRunMessage | undefined; readonly begun: boolean },
): "changed" | "ready" | "open" {
  // One that was due at once, and has begun as it was changed, is taken for late, too: it is due all the same.
  if (begun) return "ready";
  // It is over already: as it was changed, unless it was due before.
  if (found === undefined) return run.dueAt - at > FIRE_PATIENCE_MS ? "changed" : "ready";
  if (found.sequence === sequence) return wasInTime(found.storedAt, run.firesAt) ? "changed" : "open";
  // Whoever has changed it since has found this change there.
  return isReplacement(found, wanted) || scheduledRun(found) !== undefined ? "changed" : "ready";
}

function headerOf({ headers }: WholeRunMessage, wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1];
}
