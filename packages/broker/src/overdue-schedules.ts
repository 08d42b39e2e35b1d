import { JetStreamError, type StoredMsg } from "@nats-io/jetstream";
import { UmbelError } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { encodeHeaders, EXPECT_SEQUENCE, SCHEDULE } from "./encoded-headers.ts";
import type { Publisher } from "./publisher.ts";
import { readServerTime } from "./server-time.ts";
import { translateError } from "./translate-error.ts";

/** A schedule that should have fired, and has not. */
export interface OverdueSchedule {
  readonly subject: string;
  readonly sequence: number;
  /** When it should have fired, in milliseconds since the epoch. */
  readonly firesAt: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What {@link findOverdueSchedules} found. */
export interface ScheduleScan {
  readonly overdue: readonly OverdueSchedule[];
  /** How many schedules were looked at. */
  readonly scanned: number;
  /** Where the next look goes on; 1 when this one has come to the end. */
  readonly next: number;
}

/** Where {@link findOverdueSchedules} looks. */
export interface ScheduleScanOptions {
  /** The place in the tasks stream that it begins at, from 1. */
  readonly from: number;
  /** A schedule is overdue that the server should have fired this long ago, in milliseconds. */
  readonly overdueMs: number;
  /** @default 16 */
  readonly pages?: number;
}

const PAGE_MESSAGES = 256;
const PAGE_BYTES = 1_048_576;
const AT = "@at ";
const NOTHING_FOUND = 404;

/**
 * Look for schedules for one moment that is long past, by the server's clock. It happens: one that fires while the
 * server's own storage limit is reached is stored for ever and never fires again, unless it is replaced, its stream
 * gets another leader or the server restarts.
 *
 * Reads a page of at most 256 messages or about a megabyte at a time, and so many pages at most.
 *
 * @throws UmbelError
 */
export async function findOverdueSchedules(
  connection: BrokerConnection,
  { from, overdueMs, pages = 16 }: ScheduleScanOptions,
): Promise<ScheduleScan> {
  const overdue: OverdueSchedule[] = [];
  let scanned = 0;
  let next = from;
  try {
    const firedBy = (await readServerTime(connection)) - overdueMs;
    for (let page = 0; page < pages; page++) {
      const messages = await readPage(connection, next);
      scanned += messages.length;
      overdue.push(...messages.flatMap((message) => readOverdue(message, firedBy)));
      const last = messages.at(-1);
      if (last === undefined || last.header.get("Nats-Num-Pending") === "0") {
        return { overdue, scanned, next: 1 };
      }
      next = last.seq + 1;
    }
    return { overdue, scanned, next };
  } catch (error) {
    throw translateError(error, "looking for schedules that have not fired");
  }
}

/**
 * Publish an overdue schedule anew: it fires at once. Only while it is still there as it was found, so a run is
 * never doubled.
 *
 * @returns `false` when it has fired, was cancelled or replaced meanwhile.
 * @throws UmbelError
 */
export async function refireSchedule(
  publisher: Pick<Publisher, "publish">,
  { subject, sequence, headers, body }: OverdueSchedule,
): Promise<boolean> {
  try {
    const expected = [EXPECT_SEQUENCE, String(sequence)] as const;
    await publisher.publish({ subject, body, headers: encodeHeaders([expected, ...headers]) });
    return true;
  } catch (error) {
    if (UmbelError.is(error, "conflict")) return false;
    throw error;
  }
}

async function readPage({ manager, streams, mesh }: BrokerConnection, seq: number): Promise<StoredMsg[]> {
  const messages: StoredMsg[] = [];
  try {
    const page = await manager.direct.getBatch(streams.tasks, {
      seq,
      next_by_subj: `${mesh}.S.>`,
      batch: PAGE_MESSAGES,
      max_bytes: PAGE_BYTES,
    });
    for await (const message of page) messages.push(message);
  } catch (error) {
    if (!isNothing(error)) throw error;
  }
  return messages;
}

// A read of many messages is answered with a status, and not with an error of the API.
function isNothing(error: unknown): boolean {
  return error instanceof JetStreamError && Reflect.get(error, "code") === NOTHING_FOUND;
}

function readOverdue(message: StoredMsg, firedBy: number): readonly OverdueSchedule[] {
  const schedule = message.header.get(SCHEDULE);
  const firesAt = schedule.startsWith(AT) ? Date.parse(schedule.slice(AT.length)) : Number.NaN;
  // Not a moment: it repeats, and its next turn comes anyway.
  if (Number.isNaN(firesAt) || firesAt > firedBy) return [];
  const headers = [...message.header].flatMap(([name, values]) =>
    isKept(name) ? values.map((value) => [name, value] as const) : [],
  );
  return [{ subject: message.subject, sequence: message.seq, firesAt, headers, body: message.data }];
}

// The server's own say where the message was found, and what was expected when it was first published.
function isKept(name: string): boolean {
  return !name.startsWith("Nats-") || name.startsWith(SCHEDULE);
}
