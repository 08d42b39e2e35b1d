import { anywhereSubject, parseRunSubject, RUN_HEADER, stageSubject, type RunAddress } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/** The message of a run that waits or runs. */
export interface RunMessage {
  readonly address: RunAddress | undefined;
  readonly subject: string;
  readonly sequence: number;
  /** The value of its `Umbel` header; empty when a stranger published it. */
  readonly runHeader: string;
}

/** The message of `runId`, wherever it waits; `undefined` when it waits nowhere. @throws UmbelError */
export async function findRunMessage(
  connection: BrokerConnection,
  runId: string,
): Promise<RunMessage | undefined> {
  const { manager, streams, mesh } = connection;
  try {
    const message = await manager.streams.getMessage(streams.tasks, {
      last_by_subj: anywhereSubject(mesh, runId),
    });
    if (message === null) return undefined;
    return {
      address: parseRunSubject(message.subject),
      subject: message.subject,
      sequence: message.seq,
      runHeader: message.header.get(RUN_HEADER),
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw translateError(error, `looking for run ${runId}`);
  }
}

/**
 * Remove the message of `runId`. Schedules first and last: one may fire into the ready subject in between.
 *
 * @throws UmbelError `permission_denied` when this user may not purge.
 */
export async function purgeRunMessage(connection: BrokerConnection, runId: string): Promise<void> {
  const { manager, streams, mesh } = connection;
  const purge = (stage: "S" | "T"): Promise<unknown> =>
    manager.streams.purge(streams.tasks, { filter: stageSubject(mesh, stage, runId) });
  try {
    await purge("S");
    await purge("T");
    await deleteKeyed(connection, runId);
    await purge("S");
  } catch (error) {
    throw translateError(error, `removing run ${runId} from its queue`);
  }
}

// Not purged: a lane goes on waiting for a run that was purged while a worker had it, until its ack-wait.
async function deleteKeyed({ manager, streams, mesh }: BrokerConnection, runId: string): Promise<void> {
  try {
    const keyed = { last_by_subj: stageSubject(mesh, "K", runId) };
    const message = await manager.streams.getMessage(streams.tasks, keyed);
    if (message !== null) await manager.streams.deleteMessage(streams.tasks, message.seq, false);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
