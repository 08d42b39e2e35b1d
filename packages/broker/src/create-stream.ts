import type { StreamInfo } from "@nats-io/jetstream";
import { UmbelError, type StreamSpec } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { streamConfig, type StreamPlacement } from "./stream-config.ts";
import { API_ERROR, translateError } from "./translate-error.ts";

/** A size that a small server or account can spare too. */
const SMALL_BYTES = 67_108_864;

/**
 * Create the stream of `spec`. A server sets a stream's `maxBytes` aside when it is made: where there is not so
 * much left, the stream is made smaller.
 *
 * @throws UmbelError
 */
export async function createStream(
  connection: BrokerConnection,
  spec: StreamSpec,
  placement: StreamPlacement,
): Promise<StreamInfo> {
  const config = { ...streamConfig(spec), num_replicas: placement.replicas ?? connection.defaultReplicas };
  if (spec.maxBytes === undefined) return add(connection, config);
  try {
    return await add(connection, config);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
  }
  try {
    return await add(connection, { ...config, max_bytes: SMALL_BYTES });
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    // Nothing can be set aside: a number of messages bounds it instead.
    return add(connection, { ...config, max_bytes: -1, max_msgs: FEW_MESSAGES });
  }
}

const FEW_MESSAGES = 1_000;

type Config = ReturnType<typeof streamConfig> & { readonly num_replicas: number };

async function add({ manager }: BrokerConnection, config: Config): Promise<StreamInfo> {
  try {
    return await manager.streams.add(config);
  } catch (error) {
    throw translateError(error, `creating stream ${config.name}`);
  }
}

// One server says that its storage is used up, a cluster that no server is fit.
function isTooLarge(error: unknown): boolean {
  if (!UmbelError.is(error)) return false;
  return error.code === "storage_full" || error.details["apiCode"] === API_ERROR.clusterNoPeers;
}
