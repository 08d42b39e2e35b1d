import type { StoredMsg } from "@nats-io/jetstream";
import {
  decodeScheduleRecord,
  encodeScheduleRecord,
  lastToken,
  scheduleSubject,
  UmbelError,
  type ScheduleRecord,
} from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import type { BrokerConnection } from "./connection.ts";
import { encodeHeaders, EXPECT_SEQUENCE, TTL } from "./encoded-headers.ts";
import type { Publisher } from "./publisher.ts";
import { readStream, type ReadMessage } from "./read-stream.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/** What the configuration bucket holds for a schedule. */
export interface StoredSchedule {
  /** Its place in the bucket: what a compare-and-set expects. */
  readonly sequence: number;
  /** Absent when it was deleted and only a marker is left, or when it is not readable. */
  readonly record: ScheduleRecord | undefined;
}

/** A schedule that there is. */
export interface NamedSchedule {
  readonly id: string;
  readonly sequence: number;
  readonly record: ScheduleRecord;
}

/** How a write ended: it is stored, or another one was faster. */
export type ScheduleWrite =
  | { readonly won: true; readonly sequence: number }
  | { readonly won: false; readonly current: StoredSchedule | undefined };

const PAGE = 256;
const MOST_PAGES = 256;
const MARKER_TTL = "1s";
const EMPTY = new Uint8Array();
const SPURIOUS_RETRIES = 20;
const SPURIOUS_DELAY_MS = 25;

/** Every schedule, by id, from the nearest replica: on a cluster perhaps a moment old. @throws UmbelError */
export async function listSchedules(connection: BrokerConnection): Promise<readonly NamedSchedule[]> {
  const { streams, mesh } = connection;
  const filter = scheduleSubject(mesh, "*");
  const found: NamedSchedule[] = [];
  let after = 0;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { messages, more } = await readStream(connection, streams.config, { filter, after, limit: PAGE });
    found.push(...messages.flatMap(toNamed));
    after = messages.at(-1)?.sequence ?? after;
    if (!more) break;
  }
  return found.toSorted((left, right) => left.id.localeCompare(right.id));
}

/** Reads and writes the one record of each schedule. */
export class ScheduleRecords {
  readonly #connection: BrokerConnection;
  readonly #publisher: Publisher;

  constructor(connection: BrokerConnection, publisher: Publisher) {
    this.#connection = connection;
    this.#publisher = publisher;
  }

  /** The record as its leader has it. @throws UmbelError */
  async read(id: string): Promise<StoredSchedule | undefined> {
    const message = await this.#readMessage(id);
    return message === undefined ? undefined : toStored(message.seq, message.data);
  }

  /** Every schedule, as {@link listSchedules} finds them. @throws UmbelError */
  list(): Promise<readonly NamedSchedule[]> {
    return listSchedules(this.#connection);
  }

  /**
   * Write `record` if what is stored is still at `expected`; 0: if nothing is. A write whose answer was lost is
   * recognised by its bytes.
   *
   * @throws UmbelError `permission_denied`, `unconfirmed`, `payload_too_large`, … when it is not stored.
   */
  write(id: string, record: ScheduleRecord, expected: number): Promise<ScheduleWrite> {
    return this.#store(id, encodeScheduleRecord(record), { expected, headers: [] });
  }

  /** Remove the record if it is still at `expected`. Its marker is gone soon. @throws UmbelError */
  remove(id: string, expected: number): Promise<ScheduleWrite> {
    const headers = [
      [TTL, MARKER_TTL],
      ["KV-Operation", "DEL"],
    ] as const;
    return this.#store(id, EMPTY, { expected, headers });
  }

  async #store(
    id: string,
    body: Uint8Array,
    {
      expected,
      headers,
    }: { readonly expected: number; readonly headers: readonly (readonly [string, string])[] },
  ): Promise<ScheduleWrite> {
    const request = {
      subject: scheduleSubject(this.#connection.mesh, id),
      body,
      headers: encodeHeaders([[EXPECT_SEQUENCE, String(expected)], ...headers]),
    };
    for (let tries = 0; ; tries++) {
      try {
        return { won: true, sequence: (await this.#publisher.publish(request)).sequence };
      } catch (error) {
        if (!UmbelError.is(error, "conflict")) throw error;
        const message = await this.#readMessage(id);
        const sequence = message?.seq ?? 0;
        if (sequence !== expected) return settleConflict(message, body);
        // A cluster also refuses while another write is on its way: what is stored decides.
        if (tries >= SPURIOUS_RETRIES) throw error;
        await sleep(SPURIOUS_DELAY_MS);
      }
    }
  }

  async #readMessage(id: string): Promise<StoredMsg | undefined> {
    const { manager, streams, mesh } = this.#connection;
    try {
      const query = { last_by_subj: scheduleSubject(mesh, id) };
      return (await manager.streams.getMessage(streams.config, query)) ?? undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw translateError(error, `reading schedule ${id}`);
    }
  }
}

function settleConflict(message: StoredMsg | undefined, body: Uint8Array): ScheduleWrite {
  if (message === undefined) return { won: false, current: undefined };
  if (Buffer.compare(message.data, body) === 0) return { won: true, sequence: message.seq };
  return { won: false, current: toStored(message.seq, message.data) };
}

function toStored(sequence: number, body: Uint8Array): StoredSchedule {
  return { sequence, record: readable(body) };
}

function toNamed({ subject, sequence, body }: ReadMessage): readonly NamedSchedule[] {
  const record = readable(body);
  return record === undefined ? [] : [{ id: lastToken(subject), sequence, record }];
}

// A marker of what was deleted has no body; what was written by hand schedules nothing, and may be replaced.
function readable(body: Uint8Array): ScheduleRecord | undefined {
  if (body.byteLength === 0) return undefined;
  try {
    return decodeScheduleRecord(body);
  } catch (error) {
    if (UmbelError.is(error, "undecodable")) return undefined;
    throw error;
  }
}
