import { sleep } from "@umbel/runtime";
import type { BrokerConnection } from "./connection.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/**
 * Let a lane go on that waits for a run which is over. A server that was killed may remember that it has handed a
 * run over, and not that it was acked since: the consumer of a lane then stands still until its ack-wait.
 *
 * @throws UmbelError when the broker cannot be asked.
 */
export async function releaseLane(connection: BrokerConnection, consumer: string): Promise<void> {
  const { manager, streams, nats } = connection;
  const doing = `looking at consumer ${consumer}`;
  try {
    const { num_ack_pending: pending, delivered } = await manager.consumers.info(streams.tasks, consumer);
    if (pending === 0 || (await isThere(connection, delivered.stream_seq))) return;
    // What a worker would have said, once more: the subject names the message by its place in the stream.
    const { stream_seq: sequence, consumer_seq: delivery } = delivered;
    nats.publish(
      `$JS.ACK.${streams.tasks}.${consumer}.1.${sequence}.${delivery}.${Date.now()}000000.0`,
      "+ACK",
    );
  } catch (error) {
    throw translateError(error, doing);
  }
}

async function isThere({ manager, streams }: BrokerConnection, sequence: number): Promise<boolean> {
  try {
    return (await manager.streams.getMessage(streams.tasks, { seq: sequence })) !== null;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** A server that has just come up may not answer for every consumer yet. */
const TRIES = 10;
const PAUSE_MS = 500;

/** {@link releaseLane}, tried for some seconds while the connection is up and until `stopped`. Never rejects. */
export async function releasePatiently(
  connection: BrokerConnection,
  consumer: string,
  stopped: () => boolean,
): Promise<void> {
  for (let tries = 1; !stopped() && connection.connected; tries++) {
    try {
      return await releaseLane(connection, consumer);
    } catch (error) {
      if (tries >= TRIES) {
        connection.logger.warn({ event: "broker.error", consumer, error }, "a lane was not examined");
        return undefined;
      }
      await sleep(PAUSE_MS);
    }
  }
}
