import { findRunMessage, publishBatch, type BrokerConnection, type Publisher } from "@umbel/broker";
import { parseRunHeader, UmbelError } from "@umbel/protocol";
import { batchHeaders, firstHeaders, planSubject, repeatHeaders, type RunPlan } from "./run-plan.ts";

/** Where the broker stored a run. */
export interface Published {
  /** `undefined` when a repeat was answered "it is there already". */
  readonly sequence: number | undefined;
  /** Somebody had enqueued the same chosen id before. */
  readonly existed: boolean;
}

/** What publishing needs. */
export interface PublishDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
}

/**
 * Publish the run of `plan`: once, however often it takes.
 *
 * @throws UmbelError why it is not stored; `unconfirmed` when nobody knows.
 */
export async function publishRun(plan: RunPlan, body: Uint8Array, deps: PublishDeps): Promise<Published> {
  try {
    const { sequence } = await deps.publisher.publish({
      subject: planSubject(plan),
      body,
      headers: firstHeaders(plan),
      repeatHeaders: () => repeatHeaders(plan),
    });
    return { sequence, existed: false };
  } catch (error) {
    if (!UmbelError.is(error, "conflict")) throw error;
    return afterConflict(plan, deps.connection);
  }
}

// The id is taken. A fresh id can only be taken by our own earlier try, whose answer was lost; a chosen one
// is either that, or an enqueue of the same run by somebody else: its stored origin tells.
async function afterConflict(plan: RunPlan, connection: BrokerConnection): Promise<Published> {
  if (!plan.meta.verify) return { sequence: undefined, existed: false };
  const found = await findRunMessage(connection, plan.runId);
  return { sequence: found?.sequence, existed: found === undefined || !isOwn(plan, found.runHeader) };
}

function isOwn(plan: RunPlan, runHeader: string): boolean {
  try {
    const stored = parseRunHeader(runHeader);
    return stored.origin === plan.meta.origin && stored.enqueuedAt === plan.meta.enqueuedAt;
  } catch {
    return false;
  }
}

/** Publish all runs of `plans`, or none. @throws UmbelError */
export async function publishRunBatch(
  plans: readonly RunPlan[],
  bodies: readonly Uint8Array[],
  connection: BrokerConnection,
): Promise<void> {
  const messages = plans.map((plan, index) => ({
    subject: planSubject(plan),
    body: bodies[index] ?? new Uint8Array(),
    headers: batchHeaders(plan),
  }));
  await publishBatch(connection, messages);
}
