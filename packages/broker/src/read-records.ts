import { lastToken, recordSubject } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import {
  MAX_LAST,
  readLastMessages,
  readStream,
  type ReadMessage,
  type ReadStreamQuery,
} from "./read-stream.ts";
import { storedRecord, type StoredRecord } from "./run-records.ts";

/** The record of a run, as a walk over the results bucket finds it. */
export interface ReadRecord extends StoredRecord {
  readonly runId: string;
  readonly bytes: number;
}

/** Records in the order in which they were written. */
export interface ReadRecords {
  readonly items: readonly ReadRecord[];
  readonly more: boolean;
}

/** Read records of the results bucket in one request, as `readStream` does. @throws UmbelError as `readStream` does */
export async function readRecords(
  connection: BrokerConnection,
  query: Omit<ReadStreamQuery, "filter">,
): Promise<ReadRecords> {
  const { messages, more } = await readStream(connection, connection.streams.results, query);
  return { items: messages.map(toReadRecord), more };
}

/** The records of `runIds` that there are, by id: one request for each thousand. @throws UmbelError as `readStream` does */
export async function readRecordsOf(
  connection: BrokerConnection,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, ReadRecord>> {
  const found = new Map<string, ReadRecord>();
  for (let from = 0; from < runIds.length; from += MAX_LAST) {
    const subjects = runIds
      .slice(from, from + MAX_LAST)
      .map((runId) => recordSubject(connection.mesh, runId));
    for (const message of await readLastMessages(connection, connection.streams.results, subjects)) {
      const record = toReadRecord(message);
      found.set(record.runId, record);
    }
  }
  return found;
}

function toReadRecord(message: ReadMessage): ReadRecord {
  const { subject, sequence, body, storedAt } = message;
  const has = (name: string): boolean => message.header(name) !== undefined;
  const record = storedRecord({ sequence, body, storedAt, has });
  return { runId: lastToken(subject), bytes: body.byteLength, ...record };
}
