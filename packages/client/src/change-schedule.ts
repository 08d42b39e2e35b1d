import {
  encodeHeaders,
  readRunMessage,
  type BrokerConnection,
  type EncodedHeaders,
  type Publisher,
  type RunRecords,
  type WholeRunMessage,
} from "@umbel/broker";
import { UmbelError } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import {
  hasBegun,
  isFiring,
  isNear,
  isReplacement,
  FIRE_PATIENCE_MS,
  judgeReplacement,
  replacement,
  scheduledRun,
  type Replacement,
  type ScheduleChange,
  type ScheduledRun,
} from "./schedule-change.ts";

/** What {@link changeSchedule} needs. */
export interface ChangeDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: RunRecords;
  readonly now: () => number;
}

/** How a change ended. */
export type Changed =
  | { readonly kind: "changed"; readonly sequence: number }
  /** Too late: it is due, or has become ready as it was. */
  | { readonly kind: "ready" }
  /** It has no message: it is over, or was never there. */
  | { readonly kind: "gone" };

const PATIENCE_MS = 30_000;
/** A worker that schedules a retry removes its own message at once; one that died in between does not. */
const HAND_OVER_PATIENCE_MS = 2_000;
const POLL_MS = 50;

/**
 * Change a run that waits for its time. `decide` says how, from what is there now; it may be asked again, when
 * another was faster.
 *
 * The server copies what is due before it publishes it, and then removes the schedule whatever it holds by then:
 * a replacement that comes too late is lost. So one that was stored near the old time is watched until it is
 * known which of the two stands. On a cluster both may: then the one that has begun does.
 *
 * @throws UmbelError when the broker cannot be asked, or nobody knows; what `decide` throws.
 */
export async function changeSchedule(
  runId: string,
  decide: (run: ScheduledRun) => ScheduleChange,
  deps: ChangeDeps,
): Promise<Changed> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let sent: Sent | undefined;
  for (;;) {
    const message = await readRunMessage(deps.connection, runId);
    if (message === undefined) return { kind: "gone" };
    // Refused, and there all the same: the answer to a first try was lost.
    if (sent !== undefined && isReplacement(message, sent.wanted)) return settle(sent, message, deps);
    const run = await changeable(message, deps);
    if (run === undefined) return { kind: "ready" };
    const wanted = replacement(run, decide(run), { mesh: deps.connection.mesh, runId });
    const sending: Sent = { runId, run, wanted, at: deps.now() };
    const published = await publish(wanted, deps);
    if (published.stored) return settle(sending, published, deps);
    sent = published.repeated ? sending : undefined;
    if (performance.now() > giveUpAt) throw contested(runId);
    await sleep(Math.random() * POLL_MS);
  }
}

interface Sent {
  readonly runId: string;
  readonly run: ScheduledRun;
  readonly wanted: Replacement;
  readonly at: number;
}

async function changeable(message: WholeRunMessage, deps: ChangeDeps): Promise<ScheduledRun | undefined> {
  const run = scheduledRun(message);
  if (run === undefined || isFiring(run.firesAt, deps.now())) return undefined;
  if (run.kind === "retrying" && !(await isHandedOver(message, deps))) return undefined;
  return run;
}

// Until the worker has removed its own message, a crash of it would schedule the retry once more, as it was.
async function isHandedOver({ address }: WholeRunMessage, deps: ChangeDeps): Promise<boolean> {
  const giveUpAt = performance.now() + HAND_OVER_PATIENCE_MS;
  while ((await readRunMessage(deps.connection, address?.runId ?? "", "ready")) !== undefined) {
    if (performance.now() > giveUpAt) return false;
    await sleep(POLL_MS);
  }
  return true;
}

async function publish(
  { subject, body, headers }: Replacement,
  { publisher }: ChangeDeps,
): Promise<Published> {
  const encoded = encodeHeaders(headers);
  let repeated = false;
  const repeatHeaders = (): EncodedHeaders => {
    repeated = true;
    return encoded;
  };
  try {
    const { sequence } = await publisher.publish({ subject, body, headers: encoded, repeatHeaders });
    return { stored: true, sequence };
  } catch (error) {
    if (UmbelError.is(error, "conflict")) return { stored: false, repeated };
    throw error;
  }
}

type Published =
  | { readonly stored: true; readonly sequence: number }
  /** Something else is there; after a repeat, perhaps one's own first try. */
  | { readonly stored: false; readonly repeated: boolean };

async function settle(
  { runId, run, wanted, at }: Sent,
  { sequence }: Pick<WholeRunMessage, "sequence">,
  { connection, records }: ChangeDeps,
): Promise<Changed> {
  const watchUntil = performance.now() + FIRE_PATIENCE_MS;
  const near = isNear(run.firesAt, at);
  for (;;) {
    // Before the message: what has begun while the replacement still waits is what it replaced.
    const begun = near && hasBegun(await records.read(runId));
    const found = await readRunMessage(connection, runId);
    const verdict = judgeReplacement({ run, wanted, at, sequence }, { found, begun });
    if (verdict === "ready") return { kind: "ready" };
    if (verdict === "changed" || performance.now() > watchUntil) return { kind: "changed", sequence };
    await sleep(POLL_MS);
  }
}

function contested(runId: string): UmbelError {
  return new UmbelError(
    "conflict",
    `run ${runId} was changed by others again and again for ${PATIENCE_MS} ms, and not by this call. Try again.`,
    { details: { runId } },
  );
}
