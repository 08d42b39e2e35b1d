import { JetStreamApiError } from "@nats-io/jetstream";
import type { BrokerConnection } from "./connection.ts";
import { API_ERROR, translateError } from "./translate-error.ts";

/**
 * Up to which sequence of the tasks stream a consumer has handed runs to workers: what is still stored up to
 * there is with a worker, or was handed back by one. 0 when there is no such consumer.
 *
 * @throws UmbelError `permission_denied`, `broker_unavailable`.
 */
export async function readDelivered(connection: BrokerConnection, consumer: string): Promise<number> {
  const { manager, streams } = connection;
  try {
    return (await manager.consumers.info(streams.tasks, consumer)).delivered.stream_seq;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === API_ERROR.consumerNotFound) return 0;
    throw translateError(error, `looking at consumer ${consumer}`);
  }
}
