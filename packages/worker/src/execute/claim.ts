import type { RunRecords, StoredRecord } from "@umbel/broker";
import type { ClaimRecord } from "@umbel/protocol";
import {
  admit,
  admitFirst,
  hasOwnDueTime,
  needsRecord,
  type Admission,
  type AdmissionFacts,
  type Claim,
} from "./admission.ts";
import type { Ownership, Run } from "./run.ts";
import type { UntouchedRuns } from "./untouched-runs.ts";

/** What {@link claimRun} needs. */
export interface ClaimDeps {
  readonly records: Pick<RunRecords, "read" | "write" | "now">;
  readonly workerId: string;
  readonly crashLoopLimit: number;
  readonly now: () => number;
  readonly untouched: Pick<UntouchedRuns, "has">;
  /** Whether a cancel of the run was heard of: then even a first delivery looks at the record. */
  readonly heardCancel: (runId: string) => boolean;
}

/** An admission whose claim, if it needed one, is written. */
export type Admitted =
  | Exclude<Admission, { readonly action: "claim" }>
  /** Another worker has begun it at the same time, and is alive: its delivery is not ours to touch. */
  | { readonly action: "leave" };

/**
 * Find out what may be done with `run`, and win it if it must be won. A first delivery of a first attempt needs
 * neither a read nor a write; one with a key is claimed unread, because a consumer's new leader may make a delivery again
 * as a first one, and two of a key must not be executed at once without one of them being fenced.
 *
 * @throws UmbelError when the broker cannot be asked: the delivery comes back by its ack-wait.
 */
export async function claimRun(run: Run, deps: ClaimDeps): Promise<Admitted> {
  let stored = mustRead(run, deps) ? await deps.records.read(run.runId) : undefined;
  for (;;) {
    const admission = admit(run.meta, await inOurTime(run.meta, stored, deps), facts(deps));
    if (admission.action !== "claim") return admission;
    const written = await deps.records.write(run.runId, claimRecord(run, admission.claim, deps), {
      expected: admission.claim.expected,
      ttl: "never",
    });
    if (written.won) return { action: "start", ownership: toOwnership(admission.claim, written.sequence) };
    // Another worker, or a cancel, was faster. A claim that has just been written is no lost start; by anything
    // else, decide again.
    if (written.current.record?.state === "running") return { action: "leave" };
    stored = written.current;
  }
}

/** The admission of a run whose record need not be read, or `undefined` when it must be. */
export function admitUnread(run: Run, deps: ClaimDeps): Admitted | undefined {
  if (mustRead(run, deps) || run.delivery.source.lane !== undefined) return undefined;
  const admission = admitFirst(run.meta, facts(deps));
  return admission.action === "claim" ? undefined : admission;
}

// Another worker has written when the next attempt is due, by its own clock, which may be wrong by minutes. How
// long that is after the record, and how old the record is, no clock but the server's has a part in.
async function inOurTime(
  meta: Run["meta"],
  stored: StoredRecord | undefined,
  { records, now }: Pick<ClaimDeps, "records" | "now">,
): Promise<StoredRecord | undefined> {
  const record = stored?.record;
  if (stored === undefined || record?.state !== "retrying" || hasOwnDueTime(meta, record)) return stored;
  const ageMs = (await records.now()) - stored.storedAt;
  const leftMs = Math.ceil(record.dueAt - record.at - ageMs);
  return { ...stored, record: { ...record, dueAt: now() + leftMs } };
}

function mustRead(run: Run, { untouched, heardCancel }: ClaimDeps): boolean {
  return needsRecord(untouched.has(run.delivery), run.meta) || heardCancel(run.runId);
}

function facts({ now, crashLoopLimit }: ClaimDeps): AdmissionFacts {
  return { now: now(), crashLoopLimit };
}

function claimRecord(run: Run, claim: Claim, { workerId, now }: ClaimDeps): ClaimRecord {
  const { attempt, starts, lostStarts, errors } = claim;
  return {
    state: "running",
    task: run.meta.task,
    queue: run.queue,
    worker: workerId,
    attempt,
    starts,
    lostStarts,
    at: now(),
    errors,
    ...(run.meta.tags === undefined ? {} : { tags: run.meta.tags }),
  };
}

function toOwnership({ attempt, starts, errors }: Claim, sequence: number): Ownership {
  return { expected: sequence, attempt, starts, errors };
}
