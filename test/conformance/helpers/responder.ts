import type { BrokerConnection } from "@umbel/broker";
import type { Msg } from "@nats-io/transport-node";

/** Answers publishes in place of a stream, as the test says. */
export interface Responder {
  readonly seen: readonly Msg[];
  /** Answer the message at `index` as a stream would that stored it as its message number `sequence`. */
  confirm(index: number, sequence: number): void;
  /** Answer the message at `index` as a stream would that refused it, with this code of the JetStream API. */
  refuse(index: number, apiCode: number): void;
}

/** Listen to `subject`, which no stream takes, through `connection`. Nothing is answered by itself. */
export async function respondTo(connection: BrokerConnection, subject: string): Promise<Responder> {
  const seen: Msg[] = [];
  connection.subscribe(subject, (message) => seen.push(message));
  await connection.flush();
  return {
    seen,
    confirm: (index, sequence) => {
      seen[index]?.respond(JSON.stringify({ stream: "S", seq: sequence }));
    },
    refuse: (index, apiCode) => {
      const error = { code: 400, err_code: apiCode, description: `refused with ${apiCode}` };
      seen[index]?.respond(JSON.stringify({ error, stream: "S", seq: 0 }));
    },
  };
}
