import {
  auditSubject,
  auditSubjects,
  decodeAuditRecord,
  UmbelError,
  type AuditRecord,
} from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { readStream } from "./read-stream.ts";

/** Which records of the audit are read. */
export interface ReadAuditOptions {
  readonly action: string | undefined;
  /** Stored then or later, in milliseconds since the epoch. */
  readonly since: number;
}

const PAGE = 1_000;

/**
 * The records of what operators did, in the order in which they were stored. What is no such record is left out.
 *
 * @throws UmbelError `permission_denied`, `broker_unavailable`.
 */
export async function* readAudit(
  connection: BrokerConnection,
  { action, since }: ReadAuditOptions,
): AsyncGenerator<AuditRecord, void, undefined> {
  const { mesh, streams } = connection;
  const filter = action === undefined ? auditSubjects(mesh) : auditSubject(mesh, action);
  let place: { readonly storedSince: number } | { readonly after: number } = { storedSince: since };
  for (let more = true; more;) {
    const read = await readStream(connection, streams.audit, { filter, limit: PAGE, ...place });
    for (const { body } of read.messages) {
      const record = readable(body);
      if (record !== undefined) yield record;
    }
    place = { after: read.messages.at(-1)?.sequence ?? 0 };
    ({ more } = read);
  }
}

function readable(body: Uint8Array): AuditRecord | undefined {
  try {
    return decodeAuditRecord(body);
  } catch (error) {
    if (UmbelError.is(error, "undecodable")) return undefined;
    throw error;
  }
}
