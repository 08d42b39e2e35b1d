import {
  decodeWorkerEntry,
  encodeWorkerEntry,
  UmbelError,
  workersBucket,
  workerSubject,
  type WorkerEntry,
} from "@umbel/protocol";
import type { BrokerConnection, Unsubscribe } from "./connection.ts";
import { encodeHeaders, TTL } from "./encoded-headers.ts";
import { readStream } from "./read-stream.ts";
import { readServerTime } from "./server-time.ts";

/** What the registry holds of a worker. */
export interface StoredWorker {
  readonly entry: WorkerEntry;
  /** When the server stored it, in milliseconds since the epoch by the server's clock. */
  readonly storedAt: number;
}

/** The registry at one moment. */
export interface StoredWorkers {
  readonly workers: readonly StoredWorker[];
  /** The server's time then. */
  readonly now: number;
}

const PAGE = 500;

/**
 * All that workers tell of themselves, those included that ended without a word in the last ten minutes. What is
 * written there by hand is left out.
 *
 * @throws UmbelError `permission_denied`, `not_provisioned`, `broker_unavailable`.
 */
export async function readWorkers(connection: BrokerConnection): Promise<StoredWorkers> {
  const stream = connection.streams.workers;
  const filter = `$KV.${workersBucket(connection.mesh)}.*`;
  const workers: StoredWorker[] = [];
  for (let after = 0, more = true; more;) {
    const read = await readStream(connection, stream, { filter, after, limit: PAGE });
    for (const { body, storedAt } of read.messages) {
      const entry = readable(body);
      if (entry !== undefined) workers.push({ entry, storedAt });
    }
    after = read.messages.at(-1)?.sequence ?? after;
    ({ more } = read);
  }
  return { workers: lastOfEach(workers), now: await readServerTime(connection) };
}

// Whoever tells something while the pages are read may be met twice.
function lastOfEach(workers: readonly StoredWorker[]): readonly StoredWorker[] {
  return [...new Map(workers.map((worker) => [worker.entry.id, worker])).values()];
}

function readable(body: Uint8Array): WorkerEntry | undefined {
  if (body.byteLength === 0) return undefined;
  try {
    return decodeWorkerEntry(body);
  } catch (error) {
    if (UmbelError.is(error, "undecodable")) return undefined;
    throw error;
  }
}

const WITHDRAWN = encodeHeaders([
  ["KV-Operation", "DEL"],
  [TTL, "1s"],
]);
const ANNOUNCE_MS = 1_000;

/** The entry of one worker in the registry. Nothing but viewers depends on it: what cannot be written is left. */
export class WorkerRegistration {
  readonly #connection: BrokerConnection;
  readonly #subject: string;
  readonly #stop: Unsubscribe;
  #ended = false;

  constructor(connection: BrokerConnection, workerId: string) {
    this.#connection = connection;
    this.#subject = workerSubject(connection.mesh, workerId);
    this.#stop = this.#watchRights();
  }

  /** Write `entry`, and wait for a moment until it is stored. Never rejects. */
  async announce(entry: WorkerEntry): Promise<void> {
    const { nats } = this.#connection;
    const stored = nats.request(this.#subject, encodeWorkerEntry(entry), { timeout: ANNOUNCE_MS });
    // Whoever may not write there has been told so by the connection.
    await stored.catch(() => undefined);
  }

  /** Write `entry` over the one before. Never throws. */
  tell(entry: WorkerEntry): void {
    if (this.#ended || !this.#connection.connected) return;
    this.#connection.broadcast(this.#subject, encodeWorkerEntry(entry));
  }

  /**
   * Remove the entry, with the next flush of the connection. Nothing is told afterwards. Never throws, and safe to call
   * twice.
   */
  withdraw(): void {
    if (this.#ended) return;
    this.#end();
    const { nats, connected } = this.#connection;
    if (!connected) return;
    nats.publish(this.#subject, new Uint8Array(), { headers: WITHDRAWN });
  }

  // One refusal is told by the connection; without an end there would be one every two seconds.
  #watchRights(): Unsubscribe {
    return this.#connection.onEvent((event) => {
      if (event.type !== "refused" || !UmbelError.is(event.error, "permission_denied")) return;
      if (event.error.details["subject"] === this.#subject) this.#end();
    });
  }

  #end(): void {
    this.#ended = true;
    this.#stop();
  }
}
