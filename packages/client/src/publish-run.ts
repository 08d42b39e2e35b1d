import { findRunMessage, publishBatch, type BrokerConnection, type Publisher } from "@umbel/broker";
import { parseRunHeader, UmbelError } from "@umbel/protocol";
import type { RunPlan } from "./run-plan.ts";

/** Where the broker stored a run. */
export interface Published {
  /** `undefined` when a repeat was answered "it is there already". */
  readonly sequence: number | undefined;
  /** Somebody had enqueued the same chosen id before. */
  readonly existed: boolean;
}

/** A run on its way: what is decided about it, its id, its encoded input. */
export interface OutgoingRun {
  readonly plan: RunPlan;
  readonly runId: string;
  readonly body: Uint8Array;
}

/** What publishing needs. */
export interface PublishDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
}

/**
 * Publish `run`: once, however often it takes.
 *
 * @throws UmbelError why it is not stored; `unconfirmed` when nobody knows.
 */
export async function publishRun(run: OutgoingRun, deps: PublishDeps): Promise<Published> {
  const { plan, runId, body } = run;
  let repeated = false;
  try {
    const { sequence } = await deps.publisher.publish({
      subject: plan.subject(runId),
      body,
      headers: plan.firstHeaders(runId),
      repeatHeaders: () => {
        repeated = true;
        return plan.repeatHeaders(runId);
      },
    });
    return { sequence, existed: false };
  } catch (error) {
    if (!UmbelError.is(error, "conflict")) throw error;
    return afterConflict(run, repeated, deps.connection);
  }
}

// The id is taken. A fresh id can only be taken by our own earlier try, whose answer was lost; a chosen one
// is either that, or another enqueue of the same run: what is stored tells, if there was an earlier try at all.
async function afterConflict(
  { plan, runId }: OutgoingRun,
  repeated: boolean,
  connection: BrokerConnection,
): Promise<Published> {
  if (!plan.meta.verify) return { sequence: undefined, existed: false };
  const found = await findRunMessage(connection, runId);
  const own = repeated && found !== undefined && isOwn(plan, found.runHeader);
  return { sequence: found?.sequence, existed: !own };
}

function isOwn(plan: RunPlan, runHeader: string): boolean {
  try {
    const stored = parseRunHeader(runHeader);
    return stored.origin === plan.meta.origin && stored.enqueuedAt === plan.meta.enqueuedAt;
  } catch {
    return false;
  }
}

/** Publish all of `runs`, or none. @throws UmbelError */
export async function publishRunBatch(
  runs: readonly OutgoingRun[],
  connection: BrokerConnection,
): Promise<void> {
  const messages = runs.map(({ plan, runId, body }) => ({
    subject: plan.subject(runId),
    body,
    headers: plan.batchHeaders(runId),
  }));
  await publishBatch(connection, messages);
}
