import {
  findRunMessage,
  purgeRunMessage,
  type BrokerConnection,
  type RunLocks,
  type RunMessage,
  type RunRecords,
  type StoredRecord,
} from "@umbel/broker";
import {
  controlSubject,
  encode,
  isOutcome,
  parseRunHeader,
  UmbelError,
  type OutcomeRecord,
  type RunMeta,
  type RunState,
} from "@umbel/protocol";
import { tellCancelled, type EventRecorder } from "./tell-events.ts";

/** How a cancel ended. */
export type CancelResult =
  | { readonly cancelled: true }
  /** It had ended already, as `state` says. */
  | { readonly cancelled: false; readonly state: RunState };

/** What is kept with a run that is cancelled. */
export interface CancelReason {
  readonly reason?: string | undefined;
  /** Who asked. */
  readonly by?: string | undefined;
}

/** What {@link cancelRun} needs. */
export interface CancelDeps {
  readonly connection: BrokerConnection;
  readonly records: RunRecords;
  readonly locks: RunLocks;
  readonly now: () => number;
  readonly events?: EventRecorder | undefined;
  /**
   * Leave its message where it is, for who may not remove messages: whoever gets it sees that the run is over. Only
   * for runs whose record is read before they start. @default false
   */
  readonly leaveMessage?: boolean;
}

/**
 * Cancel a run: first its outcome, so that nothing that executes from now on can count; then its message; then
 * a word to the workers, one of which may be executing it.
 *
 * @throws UmbelError `run_unknown`; `permission_denied` when this user may not remove messages.
 */
export async function cancelRun(runId: string, why: CancelReason, deps: CancelDeps): Promise<CancelResult> {
  let stored = await deps.records.read(runId);
  for (;;) {
    const ended = endedState(runId, stored);
    if (ended !== undefined && ended !== "cancelled") return { cancelled: false, state: ended };
    if (ended === "cancelled") return finish(runId, deps);
    const message = await findRunMessage(deps.connection, runId);
    if (message === undefined && stored === undefined) {
      // It may have ended between the two looks.
      stored = await deps.records.read(runId);
      if (stored === undefined) throw unknownRun(runId);
      continue;
    }
    const outcome = cancelledOutcome(stored, message, { ...why, now: deps.now() });
    const result = await deps.records.write(runId, outcome, { expected: outcome.fence });
    if (result.won) {
      tellCancelled(deps.events, runId, outcome);
      return finish(runId, deps, lockOf(message));
    }
    stored = result.current;
  }
}

function endedState(runId: string, stored: StoredRecord | undefined): RunState | undefined {
  if (stored?.tombstone === true) throw unknownRun(runId);
  return stored?.record !== undefined && isOutcome(stored.record) ? stored.record.state : undefined;
}

async function finish(
  runId: string,
  { connection, locks, leaveMessage = false }: CancelDeps,
  lock?: string,
): Promise<CancelResult> {
  if (!leaveMessage) await purgeRunMessage(connection, runId);
  connection.broadcast(controlSubject(connection.mesh, "cancel"), encode({ runId }));
  // Only tidiness: whoever meets the lock sees that its run is over.
  if (lock !== undefined) await locks.release(lock, runId).catch(() => undefined);
  return { cancelled: true };
}

function cancelledOutcome(
  stored: StoredRecord | undefined,
  message: RunMessage | undefined,
  { reason, by, now }: CancelReason & { readonly now: number },
): OutcomeRecord {
  const { enqueuedAt, ...notStarted } = describeMessage(message);
  const { task, queue, attempt, starts, errors, tags } = stored?.record ?? notStarted;
  return {
    state: "cancelled",
    task,
    queue,
    worker: "",
    attempt,
    starts,
    at: now,
    errors,
    fence: stored?.sequence ?? 0,
    enqueuedAt,
    ...(reason === undefined ? {} : { reason }),
    ...(by === undefined ? {} : { by }),
    ...(tags === undefined ? {} : { tags }),
  };
}

function describeMessage(message: RunMessage | undefined): Pick<OutcomeRecord, MessageFields> {
  const meta = message === undefined ? undefined : readMeta(message.runHeader);
  const { task, enqueuedAt, tags } = meta ?? { task: "", enqueuedAt: 0 };
  const queue = message?.address?.queue ?? "";
  const known = { task, enqueuedAt, queue, attempt: 0, starts: 0, errors: [] };
  return tags === undefined ? known : { ...known, tags };
}

function lockOf(message: RunMessage | undefined): string | undefined {
  return message === undefined ? undefined : readMeta(message.runHeader)?.lock;
}

type MessageFields = "task" | "queue" | "enqueuedAt" | "attempt" | "starts" | "errors" | "tags";

function readMeta(runHeader: string): RunMeta | undefined {
  try {
    return parseRunHeader(runHeader);
  } catch {
    return undefined;
  }
}

/** The error for an id that the mesh does not know. */
export function unknownRun(runId: string): UmbelError {
  return new UmbelError(
    "run_unknown",
    `run ${runId} is not known: it was never enqueued in this mesh, or its outcome has expired.`,
    { details: { runId } },
  );
}
