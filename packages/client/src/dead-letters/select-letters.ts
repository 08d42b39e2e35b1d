import {
  findDeadLetter,
  lastOfStream,
  readDeadLetters,
  type BrokerConnection,
  type StoredDeadLetter,
} from "@umbel/broker";
import { deadLetterFilter } from "@umbel/protocol";
import { isMeant, type DeadLetterFilter } from "./dead-letter-filter.ts";

/** A dead letter that is to be dealt with, or an id without one. */
export interface Selected {
  readonly runId: string;
  readonly stored: StoredDeadLetter | undefined;
}

const BATCH = 250;

/** The dead letters of `runIds`, each asked for when its turn comes. */
export async function* lettersById(
  connection: BrokerConnection,
  runIds: readonly string[],
): AsyncGenerator<Selected> {
  for (const runId of runIds) yield { runId, stored: await findDeadLetter(connection, runId) };
}

/**
 * The dead letters that `filter` means, as they are when the first is asked for: a run that is redriven and dies
 * again meanwhile is not among them, or it would never end.
 */
export async function* lettersByFilter(
  connection: BrokerConnection,
  filter: DeadLetterFilter,
): AsyncGenerator<Selected> {
  const last = await lastOfStream(connection, connection.streams.deadLetters);
  const subjects = deadLetterFilter(connection.mesh, filter.queue, filter.task);
  let after = 0;
  for (let more = true; more && after < last;) {
    const page = await readDeadLetters(connection, { filter: subjects, after, limit: BATCH });
    for (const stored of page.letters) {
      if (stored.sequence <= last && isMeant(filter, stored)) yield { runId: stored.runId, stored };
    }
    after = page.letters.at(-1)?.sequence ?? last;
    ({ more } = page);
  }
}
