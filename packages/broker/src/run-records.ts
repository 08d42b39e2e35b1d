import type { StoredMsg } from "@nats-io/jetstream";
import {
  DEFAULT_RESULT_TTL_MS,
  decodeRunRecord,
  encodeRunRecord,
  recordSubject,
  UmbelError,
  type RunRecord,
} from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import type { BrokerConnection } from "./connection.ts";
import { encodeHeaders, EXPECT_SEQUENCE, TTL, type EncodedHeaders } from "./encoded-headers.ts";
import type { Publication, Publisher, PublishRequest } from "./publisher.ts";
import { readServerTime, ServerTime } from "./server-time.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/** What the results bucket holds for a run. */
export interface StoredRecord {
  /** Its place in the bucket: what a compare-and-set expects. */
  readonly sequence: number;
  /** Absent when it has expired or was deleted, and only its tombstone is left; or when it is not readable. */
  readonly record: RunRecord | undefined;
  /** It was there and has expired or was deleted: the run is over and forgotten. */
  readonly tombstone: boolean;
  /** When it was stored, in milliseconds since the epoch by the server's clock. */
  readonly storedAt: number;
}

/** How a compare-and-set ended: the record is ours, or someone else's was there first. */
export type WriteResult =
  | { readonly won: true; readonly sequence: number }
  | { readonly won: false; readonly current: StoredRecord };

/** What a write expects and how long the record is kept. */
export interface WriteOptions {
  /** The sequence of the record that it replaces; 0: there is none. */
  readonly expected: number;
  /** Milliseconds, or `"never"`. @default one day */
  readonly ttl?: number | "never";
}

const DEFAULT_TTL = ttlText(DEFAULT_RESULT_TTL_MS);
const CREATE = encodeHeaders([
  [EXPECT_SEQUENCE, "0"],
  [TTL, DEFAULT_TTL],
]);
const SPURIOUS_RETRIES = 20;
const SPURIOUS_DELAY_MS = 25;
/** A record that one has written, and that is not there for so many tries: not a replica that lags. */
const GONE_RETRIES = 100;
/** What is left of a record that an operator has removed without a trace. */
const REMOVED: StoredRecord = { sequence: 0, record: undefined, tombstone: true, storedAt: 0 };

/** A write, and who hears how it went: one of the two, once. */
export interface RecordWrite {
  readonly options: WriteOptions;
  onWon(sequence: number): void;
  /** It was not won at once. The promise is that of {@link RunRecords.write}. */
  onDoubt(result: Promise<WriteResult>): void;
}

/** Reads and writes the one record of each run. */
export class RunRecords {
  readonly #connection: BrokerConnection;
  readonly #publisher: Publisher;
  readonly #clock: ServerTime;

  constructor(connection: BrokerConnection, publisher: Publisher) {
    this.#connection = connection;
    this.#clock = new ServerTime(() => readServerTime(connection));
    this.#publisher = publisher;
  }

  /** The record as its leader has it: what ownership is decided on. @throws UmbelError */
  async read(runId: string): Promise<StoredRecord | undefined> {
    const message = await this.#readMessage(runId);
    return message === undefined ? undefined : toStoredRecord(message);
  }

  /** What time it is by the clock that records are stored by: at most that, and behind it by one way. @throws UmbelError */
  now(): Promise<number> {
    return this.#clock.now();
  }

  /** The record as the nearest replica has it: cheap, and perhaps a moment old. @throws UmbelError */
  async peek(runId: string): Promise<StoredRecord | undefined> {
    const { streams, manager, mesh } = this.#connection;
    try {
      const query = { last_by_subj: recordSubject(mesh, runId) };
      const message = await manager.direct.getMessage(streams.results, query);
      return message === null ? undefined : toStoredRecord(message);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw translateError(error, `reading the record of run ${runId}`);
    }
  }

  /**
   * Write `record` if the run's record is still the expected one. A write whose answer was lost is recognised
   * by its bytes, so it is never taken for someone else's.
   *
   * @throws UmbelError `unconfirmed`, `storage_full`, … when nobody knows or nothing was stored.
   */
  write(runId: string, record: RunRecord, options: WriteOptions): Promise<WriteResult> {
    return new Promise((resolve) => {
      this.submit(runId, record, {
        options,
        onWon: (sequence) => resolve({ won: true, sequence }),
        onDoubt: resolve,
      });
    });
  }

  /** Do what {@link write} does, without a promise where the write is won at once, as nearly every one is. */
  submit(runId: string, record: RunRecord, write: RecordWrite): void {
    const request: PublishRequest = {
      subject: recordSubject(this.#connection.mesh, runId),
      body: encodeRunRecord(record),
      headers: writeHeaders(write.options),
    };
    const contest = (error: UmbelError): Promise<WriteResult> =>
      this.#contest(runId, request, { expected: write.options.expected, error });
    this.#publisher.submit(new RecordPublication(request, write, contest));
  }

  async #contest(
    runId: string,
    request: PublishRequest,
    { expected, ...first }: { readonly expected: number; readonly error: unknown },
  ): Promise<WriteResult> {
    let { error } = first;
    for (let tries = 0; ; tries++) {
      if (!UmbelError.is(error, "conflict")) throw error;
      const message = await this.#readMessage(runId);
      const settled = afterConflict(message, request.body, expected);
      if (settled !== undefined) return settled;
      const gone = message === undefined && expected > 0;
      if (gone && tries >= GONE_RETRIES) return { won: false, current: REMOVED };
      if (!gone && tries >= SPURIOUS_RETRIES) throw error;
      await sleep(SPURIOUS_DELAY_MS);
      try {
        const { sequence } = await this.#publisher.publish(request);
        return { won: true, sequence };
      } catch (again) {
        error = again;
      }
    }
  }

  async #readMessage(runId: string): Promise<StoredMsg | undefined> {
    const { streams, manager, mesh } = this.#connection;
    try {
      const query = { last_by_subj: recordSubject(mesh, runId) };
      return (await manager.streams.getMessage(streams.results, query)) ?? undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw translateError(error, `reading the record of run ${runId}`);
    }
  }
}

class RecordPublication implements Publication {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: EncodedHeaders | undefined;
  readonly #write: RecordWrite;
  readonly #contest: (error: UmbelError) => Promise<WriteResult>;

  constructor(
    { subject, body, headers }: PublishRequest,
    write: RecordWrite,
    contest: (error: UmbelError) => Promise<WriteResult>,
  ) {
    this.subject = subject;
    this.body = body;
    this.headers = headers;
    this.#write = write;
    this.#contest = contest;
  }

  onStored(sequence: number): void {
    this.#write.onWon(sequence);
  }

  onRefused(error: UmbelError): void {
    this.#write.onDoubt(this.#contest(error));
  }
}

// On a cluster a CAS is also refused for a moment after another write to the subject: only the leader's own record
// tells who won.
function afterConflict(
  message: StoredMsg | undefined,
  body: Uint8Array,
  expected: number,
): WriteResult | undefined {
  if (message === undefined || message.seq === expected) return undefined;
  if (Buffer.compare(message.data, body) === 0) return { won: true, sequence: message.seq };
  return { won: false, current: toStoredRecord(message) };
}

function writeHeaders({ expected, ttl }: WriteOptions): EncodedHeaders {
  if (expected === 0 && ttl === undefined) return CREATE;
  return encodeHeaders([
    [EXPECT_SEQUENCE, String(expected)],
    [TTL, ttl === undefined ? DEFAULT_TTL : ttlText(ttl)],
  ]);
}

function ttlText(ttl: number | "never"): string {
  return ttl === "never" ? ttl : `${Math.max(1, Math.ceil(ttl / 1_000))}s`;
}

function toStoredRecord({ seq: sequence, data: body, header, time }: StoredMsg): StoredRecord {
  return storedRecord({ sequence, body, storedAt: time.getTime(), has: (name) => header.has(name) });
}

/** The record in a message of the results bucket. */
export function storedRecord({
  sequence,
  body,
  storedAt,
  has,
}: {
  readonly sequence: number;
  readonly body: Uint8Array;
  readonly storedAt: number;
  readonly has: (header: string) => boolean;
}): StoredRecord {
  const tombstone = has("Nats-Marker-Reason") || has("KV-Operation");
  return { sequence, record: tombstone ? undefined : readable(body), tombstone, storedAt };
}

function readable(body: Uint8Array): RunRecord | undefined {
  try {
    return decodeRunRecord(body);
  } catch {
    // Written by hand: a claim may replace it.
    return undefined;
  }
}
