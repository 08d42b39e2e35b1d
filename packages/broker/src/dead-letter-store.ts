import { deadLetterAnywhere } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { readLetter, type StoredDeadLetter } from "./list-dead-letters.ts";
import { readStream } from "./read-stream.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/** Which dead letters are read. */
export interface ReadDeadLettersQuery {
  /** What their subjects match. */
  readonly filter: string;
  /** Only those stored behind this sequence. */
  readonly after: number;
  /** No more than this many. */
  readonly limit: number;
}

/** Dead letters, the oldest first. */
export interface ReadDeadLetters {
  readonly letters: readonly StoredDeadLetter[];
  /** Whether more of them matched at that moment. */
  readonly more: boolean;
}

/** Read dead letters in one request, as `readStream` does. @throws UmbelError as `readStream` does */
export async function readDeadLetters(
  connection: BrokerConnection,
  { filter, after, limit }: ReadDeadLettersQuery,
): Promise<ReadDeadLetters> {
  const { deadLetters } = connection.streams;
  const { messages, more } = await readStream(connection, deadLetters, { filter, after, limit });
  const letters = messages.map(({ sequence, subject, body }) =>
    readLetter({ seq: sequence, subject, data: body }),
  );
  return { letters, more };
}

/** The dead letter of a run as its leader has it; `undefined` without one. @throws UmbelError */
export async function findDeadLetter(
  connection: BrokerConnection,
  runId: string,
): Promise<StoredDeadLetter | undefined> {
  const { manager, streams, mesh } = connection;
  try {
    const query = { last_by_subj: deadLetterAnywhere(mesh, runId) };
    const message = await manager.streams.getMessage(streams.deadLetters, query);
    return message === null ? undefined : readLetter(message);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw translateError(error, `looking for the dead letter of run ${runId}`);
  }
}

/**
 * Remove the dead letter at `sequence`, and no later one of the same run.
 *
 * @returns whether it was there
 * @throws UmbelError `permission_denied` when this user may not.
 */
export async function removeDeadLetter(connection: BrokerConnection, sequence: number): Promise<boolean> {
  const { manager, streams } = connection;
  try {
    return await manager.streams.deleteMessage(streams.deadLetters, sequence, false);
  } catch (error) {
    // The number says no more than that it failed: whether it is there says why.
    if (!(await isThere(connection, sequence))) return false;
    throw translateError(error, "removing a dead letter");
  }
}

async function isThere({ manager, streams }: BrokerConnection, sequence: number): Promise<boolean> {
  try {
    return (await manager.streams.getMessage(streams.deadLetters, { seq: sequence })) !== null;
  } catch (error) {
    // Whatever else is wrong with it, the error of the removal tells more.
    return !isMissing(error);
  }
}
