import type { StoredMsg } from "@nats-io/jetstream";
import { decodeDeadLetter, parseDeadLetterSubject, UmbelError, type DeadLetter } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/** A dead letter and its place. */
export interface StoredDeadLetter {
  /** Its place in the dead letter stream: where a listing can go on. */
  readonly sequence: number;
  readonly queue: string;
  readonly task: string;
  readonly runId: string;
  /** `undefined` when a stranger has published something that is no dead letter. */
  readonly letter: DeadLetter | undefined;
}

/** Which dead letters are listed. */
export interface ListDeadLettersOptions {
  /** Only those stored after this sequence. @default 0 */
  readonly after?: number;
  /** No more than this many. @default 100 */
  readonly limit?: number;
}

/**
 * The dead letters of the mesh, oldest first. On a cluster one that was stored a moment ago may be missing.
 *
 * @throws UmbelError when the broker cannot be asked, or there is no such stream.
 */
export async function listDeadLetters(
  connection: BrokerConnection,
  { after = 0, limit = 100 }: ListDeadLettersOptions = {},
): Promise<readonly StoredDeadLetter[]> {
  const found: StoredDeadLetter[] = [];
  let message = limit > 0 ? await nextAfter(connection, after) : undefined;
  while (message !== undefined) {
    found.push(readLetter(message));
    message = found.length < limit ? await nextAfter(connection, message.seq) : undefined;
  }
  return found;
}

async function nextAfter(connection: BrokerConnection, sequence: number): Promise<StoredMsg | undefined> {
  const { manager, streams } = connection;
  try {
    const query = { next_by_subj: ">", seq: sequence + 1 };
    return (await manager.direct.getMessage(streams.deadLetters, query)) ?? undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw translateError(error, "reading the dead letters");
  }
}

/** The dead letter in a stored message. */
export function readLetter({
  seq: sequence,
  subject,
  data,
}: Pick<StoredMsg, "seq" | "subject" | "data">): StoredDeadLetter {
  return { sequence, ...parseDeadLetterSubject(subject), letter: readable(data) };
}

function readable(body: Uint8Array): DeadLetter | undefined {
  try {
    return decodeDeadLetter(body);
  } catch (error) {
    if (UmbelError.is(error, "undecodable")) return undefined;
    throw error;
  }
}
