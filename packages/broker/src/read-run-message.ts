import type { StoredMsg } from "@nats-io/jetstream";
import { anywhereSubject, parseRunSubject, RUN_HEADER, stageSubject } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import type { RunMessage } from "./run-messages.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/** The message of a run with all that it holds. */
export interface WholeRunMessage extends RunMessage {
  /** When the server stored it, by its own clock: milliseconds since the epoch. */
  readonly storedAt: number;
  /** Every header as it is stored, the server's own included. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/**
 * The last message of `runId`, as the leader has it: wherever it waits, or only if it is ready.
 *
 * @throws UmbelError
 */
export async function readRunMessage(
  connection: BrokerConnection,
  runId: string,
  where: "anywhere" | "ready" = "anywhere",
): Promise<WholeRunMessage | undefined> {
  const { manager, streams, mesh } = connection;
  const subject = where === "ready" ? stageSubject(mesh, "T", runId) : anywhereSubject(mesh, runId);
  try {
    const message = await manager.streams.getMessage(streams.tasks, { last_by_subj: subject });
    return message === null ? undefined : wholeMessage(message);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw translateError(error, `reading the message of run ${runId}`);
  }
}

function wholeMessage(message: StoredMsg): WholeRunMessage {
  const { subject, seq: sequence, header, data: body, time } = message;
  return {
    address: parseRunSubject(subject),
    subject,
    sequence,
    runHeader: header.get(RUN_HEADER),
    storedAt: time.getTime(),
    headers: [...header].flatMap(([name, values]) => values.map((value) => [name, value] as const)),
    body,
  };
}
