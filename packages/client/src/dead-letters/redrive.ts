import type { AuditLog } from "../audit/audit-log.ts";
import {
  removeDeadLetter,
  type BrokerConnection,
  type Publisher,
  type RunRecords,
  type StoredDeadLetter,
} from "@umbel/broker";
import { UmbelError } from "@umbel/protocol";
import { injectTrace } from "@umbel/telemetry";
import { encodeUnchecked } from "../encode-input.ts";
import { placeOf } from "../plan-bulk.ts";
import { publishRun } from "../publish-run.ts";
import type { OutgoingRun, Published } from "../taken-id.ts";
import type { LaneDirectory } from "../queues/lane-directory.ts";
import type { RunHandle } from "../run-handle.ts";
import { describeLetter, inputOf } from "./dead-letter-info.ts";
import { inputObstacle, planRedrive, redrivable, redriveId, type Redrivable } from "./plan-redrive.ts";
import type { ResolvedRedrive } from "./redrive-options.ts";

/** What a redrive needs. */
export interface RedriveDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: RunRecords;
  readonly audit: AuditLog;
  readonly origin: string;
  readonly now: () => number;
  readonly lanes: Pick<LaneDirectory, "laneOf">;
  readonly handle: (runId: string, published: Published) => RunHandle<unknown>;
}

/** How the redrive of one dead letter ended. */
export type Redriven =
  | { readonly kind: "redriven"; readonly run: RunHandle<unknown>; readonly existed: boolean }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Make a run of a dead letter, then remove the letter. The id of the run follows from the death, so whoever does
 * it again, or at the same time, or after a crash in between, gets the same run, which is executed once.
 *
 * @throws UmbelError when the run is not stored: the letter is still there; or when it is and the letter is not
 * removed: doing it again removes it.
 */
export async function redriveLetter(
  stored: StoredDeadLetter,
  options: ResolvedRedrive,
  deps: RedriveDeps,
): Promise<Redriven> {
  const dead = redrivable(stored);
  if ("obstacle" in dead) return { kind: "refused", why: dead.obstacle };
  const why = options.edit === undefined ? inputObstacle(dead.letter) : undefined;
  if (why !== undefined) return { kind: "refused", why };
  const body = options.edit === undefined ? dead.letter.body : editedBody(stored, options, deps);
  const runId = redriveId(dead.runId, dead.letter.at);
  const queue = options.queue ?? dead.queue;
  const plan = planRedrive(dead, {
    mesh: deps.connection.mesh,
    now: deps.now(),
    origin: deps.origin,
    trace: injectTrace(),
    queue,
    place: await placeOf(deps.lanes, queue, dead.key),
  });
  const published = await publishOnce({ plan, runId, body }, dead, deps);
  return { kind: "redriven", run: deps.handle(runId, published), existed: published.existed };
}

async function publishOnce(run: OutgoingRun, dead: Redrivable, deps: RedriveDeps): Promise<Published> {
  // Only spares a message that a worker would throw away: what makes it one run is its id.
  const known = await deps.records.peek(run.runId);
  const published =
    known === undefined ? await publishRun(run, deps) : { sequence: undefined, existed: true };
  await removeDeadLetter(deps.connection, dead.sequence);
  return published;
}

function editedBody(
  stored: StoredDeadLetter,
  { edit }: ResolvedRedrive,
  { connection }: RedriveDeps,
): Uint8Array {
  const info = describeLetter(stored);
  const before = stored.letter === undefined ? undefined : inputOf(stored.letter)?.value;
  return encodeUnchecked(info.task, edit?.(before, info), connection.maxPayloadBytes);
}

/** The error for a run without a dead letter. */
export function noDeadLetter(runId: string): UmbelError {
  return new UmbelError(
    "run_unknown",
    `run ${runId} has no dead letter: it did not fail for good, or its letter was redriven, discarded or has expired.`,
    { details: { runId } },
  );
}

/** The error for a dead letter that cannot be redriven as it is. */
export function notRedrivable(runId: string, why: string): UmbelError {
  return new UmbelError(
    "undecodable",
    `run ${runId} cannot be redriven: ${why}. Look at it, and discard it or enqueue what it stands for.`,
    { details: { runId, why } },
  );
}
