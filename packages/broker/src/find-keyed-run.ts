import { keyedSubjects, parseRunSubject, scheduledSubjects } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { SCHEDULE_TARGET } from "./encoded-headers.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

const BATCH = 500;

/**
 * The subject of a keyed run of `queue` that waits, runs, or is not due yet; `undefined` when there is none.
 * What is not due yet is told by its headers: every scheduled run of the queue is read, until one is found.
 *
 * @throws UmbelError when the broker cannot be asked.
 */
export async function findKeyedRun(connection: BrokerConnection, queue: string): Promise<string | undefined> {
  const { manager, streams, mesh } = connection;
  try {
    const message = await manager.streams.getMessage(streams.tasks, {
      last_by_subj: keyedSubjects(mesh, queue),
    });
    if (message !== null) return message.subject;
  } catch (error) {
    if (!isMissing(error)) throw translateError(error, `looking for keyed runs of queue ${queue}`);
  }
  return findScheduled(connection, queue);
}

async function findScheduled(connection: BrokerConnection, queue: string): Promise<string | undefined> {
  let after = 0;
  for (;;) {
    const { keyed, last, complete } = await readBatch(connection, queue, after);
    if (keyed !== undefined || complete) return keyed;
    after = last;
  }
}

interface Batch {
  /** The subject of a keyed run in it. */
  readonly keyed: string | undefined;
  readonly last: number;
  /** Nothing comes after it. */
  readonly complete: boolean;
}

async function readBatch(connection: BrokerConnection, queue: string, after: number): Promise<Batch> {
  const { manager, streams, mesh } = connection;
  const options = { seq: after + 1, batch: BATCH, next_by_subj: scheduledSubjects(mesh, queue) };
  let keyed: string | undefined;
  let last = after;
  let read = 0;
  try {
    for await (const { seq, subject, header } of await manager.direct.getBatch(streams.tasks, options)) {
      read += 1;
      last = seq;
      if (parseRunSubject(header.get(SCHEDULE_TARGET))?.kind === "keyed") keyed ??= subject;
    }
  } catch (error) {
    if (!isMissing(error)) throw translateError(error, `looking for keyed runs of queue ${queue}`);
  }
  return { keyed, last, complete: read < BATCH };
}
