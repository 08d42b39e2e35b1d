import { lastToken, parseRunSubject, RUN_HEADER, type RunAddress } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { SCHEDULE_TARGET } from "./encoded-headers.ts";
import { readStream, type ReadStreamQuery } from "./read-stream.ts";
import type { RunMessage } from "./run-messages.ts";

/** The message of a run that waits or runs. */
export interface OpenRun extends RunMessage {
  readonly runId: string;
  /** The length of its input. */
  readonly bytes: number;
  /** What orders it: of a keyed run, wherever it waits. */
  readonly key: string | undefined;
}

/** Messages of runs, in the order of their sequence. */
export interface ReadOpenRuns {
  readonly items: readonly OpenRun[];
  readonly more: boolean;
}

/** Read messages of the tasks stream in one request, as `readStream` does. @throws UmbelError as `readStream` does */
export async function readOpenRuns(
  connection: BrokerConnection,
  query: ReadStreamQuery,
): Promise<ReadOpenRuns> {
  const { messages, more } = await readStream(connection, connection.streams.tasks, query);
  const items = messages.map((message) => {
    const { subject, sequence, body } = message;
    const address = parseRunSubject(subject);
    return {
      runId: lastToken(subject),
      address,
      key: keyOf(address) ?? keyOf(parseRunSubject(message.header(SCHEDULE_TARGET) ?? "")),
      subject,
      sequence,
      runHeader: message.header(RUN_HEADER) ?? "",
      bytes: body.byteLength,
    };
  });
  return { items, more };
}

function keyOf(address: RunAddress | undefined): string | undefined {
  return address?.kind === "keyed" ? address.key : undefined;
}
