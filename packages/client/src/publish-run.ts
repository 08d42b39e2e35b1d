import {
  findRunMessage,
  publishBatch,
  type BrokerConnection,
  type Publisher,
  type RunRecords,
} from "@umbel/broker";
import { parseRunHeader, UmbelError } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
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
  readonly records: Pick<RunRecords, "read">;
}

const SPURIOUS_RETRIES = 40;
const SPURIOUS_DELAY_MS = 25;

/**
 * Publish `run`: once, however often it takes.
 *
 * @throws UmbelError why it is not stored; `unconfirmed` when nobody knows.
 */
export async function publishRun(run: OutgoingRun, deps: PublishDeps): Promise<Published> {
  for (let tries = 0; ; tries++) {
    const published = await tryPublish(run, deps, tries < SPURIOUS_RETRIES);
    if (published !== undefined) return published;
    await sleep(SPURIOUS_DELAY_MS);
  }
}

async function tryPublish(
  run: OutgoingRun,
  deps: PublishDeps,
  mayRetry: boolean,
): Promise<Published | undefined> {
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
    const published = await afterConflict(run, repeated, deps);
    if (published === undefined && !mayRetry) throw error;
    return published;
  }
}

// The id is taken. A fresh id can only be taken by our own earlier try, whose answer was lost; a chosen one
// is either that, or another enqueue of the same run: what is stored tells, if there was an earlier try at all.
// On a cluster it is refused as well while another's write is on its way, which may yet fail: when nothing is
// stored after all, it has to be tried again.
async function afterConflict(
  { plan, runId }: OutgoingRun,
  repeated: boolean,
  { connection, records }: PublishDeps,
): Promise<Published | undefined> {
  if (!plan.meta.verify) return { sequence: undefined, existed: false };
  const found = await findRunMessage(connection, runId);
  if (found === undefined) {
    const record = await records.read(runId);
    return record === undefined ? undefined : { sequence: undefined, existed: true };
  }
  const own = repeated && isOwn(plan, found.runHeader);
  return { sequence: found.sequence, existed: !own };
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
