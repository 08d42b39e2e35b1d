import type { RunMessage, StoredRecord } from "@umbel/broker";
import { isOutcome, parseRunHeader, UmbelError } from "@umbel/protocol";
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

/** How {@link settleTakenId} looks around. */
export interface TakenIdDeps {
  /** The message of the run, wherever it waits. */
  find(): Promise<Pick<RunMessage, "sequence" | "runHeader"> | undefined>;
  /** The record of the run. */
  read(): Promise<StoredRecord | undefined>;
  /** @throws UmbelError `conflict` as the first time */
  publishAgain(): Promise<{ readonly sequence: number }>;
}

const TRIES = 20;
/** One look may take seconds while there is no leader. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 50;

/**
 * What became of a run whose id was refused as taken. A fresh id can only be taken by our own earlier try, whose
 * answer was lost; a chosen one is either that, or another enqueue of the same run: what is stored tells. On a
 * cluster a message is also refused while another one of its id is on its way, and that one may fail: then
 * nothing is found, and it is published again.
 *
 * @throws UmbelError `unconfirmed` when it is refused again and again and nothing is found.
 */
export async function settleTakenId(
  { plan, runId }: OutgoingRun,
  repeated: boolean,
  deps: TakenIdDeps,
): Promise<Published> {
  if (!plan.meta.verify) return { sequence: undefined, existed: false };
  let doubtful = repeated;
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let tries = 0; tries < TRIES && performance.now() < giveUpAt; tries++) {
    const found = await lookFor(deps);
    if (found === "over") return { sequence: undefined, existed: true };
    if (typeof found === "object")
      return { sequence: found.sequence, existed: !(doubtful && isOwn(plan, found.runHeader)) };
    await sleep(PAUSE_MS);
    if (found === "unknown") continue;
    const published = await again(deps);
    if (published !== undefined) return published;
    doubtful = true;
  }
  const text = `run ${runId} was refused as if it existed, and is found nowhere: enqueue it again.`;
  throw new UmbelError("unconfirmed", text, { details: { runId } });
}

/**
 * What became of a run that was sent again because an answer was lost, and is stored now. Under an id that others may
 * use, theirs may have come and ended meanwhile: then nothing is executed, and what they enqueued was the run.
 */
export async function settleRepeated(
  { plan }: Pick<OutgoingRun, "plan">,
  sequence: number,
  { read }: Pick<TakenIdDeps, "read">,
): Promise<Published> {
  if (!plan.meta.verify) return { sequence, existed: false };
  // It is stored whatever its record says.
  const stored = await read().catch(() => undefined);
  const record = stored?.record;
  const theirs = record !== undefined && isOutcome(record) && record.enqueuedAt !== plan.meta.enqueuedAt;
  return { sequence, existed: theirs };
}

type Found = Pick<RunMessage, "sequence" | "runHeader"> | "over" | "nothing" | "unknown";

async function lookFor({ find, read }: TakenIdDeps): Promise<Found> {
  try {
    const message = await find();
    if (message !== undefined) return message;
    // Its message is gone once it is over; then it has a record.
    return (await read()) === undefined ? "nothing" : "over";
  } catch (error) {
    // Between leaders nobody answers: that says nothing about the run.
    if (UmbelError.is(error, "broker_unavailable")) return "unknown";
    throw error;
  }
}

async function again(deps: TakenIdDeps): Promise<Published | undefined> {
  try {
    const { sequence } = await deps.publishAgain();
    return { sequence, existed: false };
  } catch (error) {
    if (UmbelError.is(error, "conflict")) return undefined;
    throw error;
  }
}

function isOwn(plan: RunPlan, runHeader: string): boolean {
  try {
    const stored = parseRunHeader(runHeader);
    return stored.origin === plan.meta.origin && stored.enqueuedAt === plan.meta.enqueuedAt;
  } catch {
    return false;
  }
}
