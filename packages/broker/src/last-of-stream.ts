import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** The sequence of the last message that `stream` ever took. @throws UmbelError, `not_provisioned` without it */
export async function lastOfStream(connection: BrokerConnection, stream: string): Promise<number> {
  try {
    return (await connection.manager.streams.info(stream)).state.last_seq;
  } catch (error) {
    throw translateError(error, `looking at stream ${stream}`);
  }
}
