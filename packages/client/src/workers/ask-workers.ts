import { ask, readWorkers, type BrokerConnection } from "@umbel/broker";
import {
  decodeWorkerReply,
  encodeWorkerRequest,
  invalidArgument,
  parsePositiveDuration,
  UmbelError,
  workerRequestSubject,
  type Duration,
  type ReplyError,
  type WorkerRequest,
} from "@umbel/protocol";
import { findWorkers } from "./find-workers.ts";
import { workerStatus, type WorkerStatus } from "./worker-status.ts";

/** Whom a request is for: `"all"`, one by its id, all of a name, or a list of them. */
export type WorkerTarget = string | readonly string[];

/** What one worker answered, or why it did not. */
export interface AskedWorker {
  readonly worker: WorkerStatus;
  readonly answer: WorkerAnswer;
}

/** What came of a request to one worker. */
export type WorkerAnswer =
  | { readonly kind: "value"; readonly value: unknown; readonly tookMs: number }
  | { readonly kind: "refused"; readonly error: ReplyError }
  /** It has ended: nothing listens for it. */
  | { readonly kind: "gone" }
  /** It is connected and has not answered in time. */
  | { readonly kind: "silent" };

/** How a request is sent. */
export interface AskOptions {
  readonly kind: "inspect" | "control";
  readonly target: WorkerTarget;
  readonly timeout: Duration | undefined;
}

const DEFAULT_TIMEOUT = "2s";
/** So many are asked at a time. */
const CONCURRENCY = 256;

/**
 * Ask the workers that `target` names, all at once, each by its own subject: so that whoever does not answer is
 * known by name.
 *
 * @throws UmbelError `invalid_argument`, `worker_unknown`; `permission_denied`, `broker_unavailable`.
 */
export async function askWorkers(
  connection: BrokerConnection,
  request: WorkerRequest,
  { kind, target, timeout }: AskOptions,
): Promise<readonly AskedWorker[]> {
  const timeoutMs = parsePositiveDuration(timeout ?? DEFAULT_TIMEOUT, "timeout");
  const { workers, now } = await readWorkers(connection);
  const chosen = chooseWorkers(
    target,
    workers.map((stored) => workerStatus(stored, now)),
  );
  const body = encodeWorkerRequest(request);
  const answers: AskedWorker[] = [];
  for (let from = 0; from < chosen.length; from += CONCURRENCY) {
    const asked = chosen.slice(from, from + CONCURRENCY).map(async (worker) => {
      const subject = workerRequestSubject(connection.mesh, worker.id, kind);
      return { worker, answer: await askOne(connection, subject, { body, timeoutMs }) };
    });
    answers.push(...(await Promise.all(asked)));
  }
  return answers;
}

/** The workers that `target` names, by name. Pure. @throws UmbelError `invalid_argument`, `worker_unknown` */
export function chooseWorkers(
  target: WorkerTarget,
  workers: readonly WorkerStatus[],
): readonly WorkerStatus[] {
  if (typeof target !== "string" && (!Array.isArray(target) || target.length === 0)) {
    throw invalidArgument({
      field: "workers",
      received: target,
      expected: '"all", the id or name of a worker, or a list of them',
    });
  }
  const wanted = typeof target === "string" ? [target] : target;
  const chosen = target === "all" ? workers : wanted.flatMap((each) => findWorkers(each, workers));
  return [...new Set(chosen)].toSorted(
    (left, right) => left.name.localeCompare(right.name) || left.id.localeCompare(right.id),
  );
}

async function askOne(
  connection: BrokerConnection,
  subject: string,
  { body, timeoutMs }: { readonly body: Uint8Array; readonly timeoutMs: number },
): Promise<WorkerAnswer> {
  const askedAt = performance.now();
  const asked = await ask(connection, subject, { body, timeoutMs });
  if (asked.kind === "unheard") return { kind: "gone" };
  if (asked.kind === "silent") return { kind: "silent" };
  return readAnswer(asked.body, performance.now() - askedAt);
}

function readAnswer(body: Uint8Array, tookMs: number): WorkerAnswer {
  try {
    const reply = decodeWorkerReply(body);
    return reply.ok ? { kind: "value", value: reply.value, tookMs } : { kind: "refused", error: reply.error };
  } catch (error) {
    const { code, message } = UmbelError.from(error);
    return { kind: "refused", error: { code, message } };
  }
}
