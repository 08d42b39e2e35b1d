import type { BrokerConnection } from "./connection.ts";
import { LEAST_API_LEVEL } from "./server-check.ts";
import { translateError } from "./translate-error.ts";

/** What a server says of itself and of this user's account. */
export interface ServerFacts {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** The cluster that it belongs to; `undefined` for a server on its own. */
  readonly cluster: string | undefined;
  /** Which features of JetStream it has: see `LEAST_API_LEVEL`. */
  readonly apiLevel: number;
  /** The longest message that it takes, in bytes, headers included. */
  readonly maxPayloadBytes: number;
  /** What the streams of the account take on disk, and may take; `undefined` without a limit. */
  readonly storedBytes: number;
  readonly storageLimitBytes: number | undefined;
}

/** Ask the server about itself. @throws UmbelError when it does not answer */
export async function readServerFacts(connection: BrokerConnection): Promise<ServerFacts> {
  const { info } = connection.nats;
  try {
    const { storage, limits, api } = await connection.manager.getAccountInfo();
    return {
      id: info?.server_id ?? "",
      name: info?.server_name ?? "",
      version: connection.serverVersion,
      cluster: info?.cluster,
      // A server below it would have been refused by the connection.
      apiLevel: api.level ?? LEAST_API_LEVEL,
      maxPayloadBytes: connection.maxPayloadBytes,
      storedBytes: storage,
      storageLimitBytes: limits.max_storage > 0 ? limits.max_storage : undefined,
    };
  } catch (error) {
    throw translateError(error, "asking the server about itself");
  }
}
