import { DiscardPolicy } from "@nats-io/jetstream";
import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

// What goes wrong with a broker, done on purpose: for tests and for `umbel verify`, never for a mesh in use.

/** A stream of a mesh that can be disturbed. */
export type DisturbedStream = "tasks" | "results";

/**
 * Make the leader of a stream step down, so that another copy leads. `false`: it has no other copy.
 *
 * @throws UmbelError `permission_denied` and the like.
 */
export function stepDownStream(connection: BrokerConnection, stream: DisturbedStream): Promise<boolean> {
  return request(connection, `STREAM.LEADER.STEPDOWN.${connection.streams[stream]}`);
}

/** {@link stepDownStream} for the leader of a consumer of the tasks. */
export function stepDownConsumer(connection: BrokerConnection, consumer: string): Promise<boolean> {
  return request(connection, `CONSUMER.LEADER.STEPDOWN.${connection.streams.tasks}.${consumer}`);
}

/** Delete a consumer of the tasks, under the workers that pull from it. `false`: there is none. @throws UmbelError */
export function deleteTaskConsumer(connection: BrokerConnection, consumer: string): Promise<boolean> {
  return request(connection, `CONSUMER.DELETE.${connection.streams.tasks}.${consumer}`);
}

/** The consumers of the tasks. @throws UmbelError */
export async function listTaskConsumers({ manager, streams }: BrokerConnection): Promise<readonly string[]> {
  try {
    const names: string[] = [];
    for await (const info of manager.consumers.list(streams.tasks)) names.push(info.name);
    return names;
  } catch (error) {
    throw translateError(error, `listing the consumers of ${streams.tasks}`);
  }
}

/** The name of the server that leads a stream; `undefined` without a leader, and without a cluster. @throws UmbelError */
export async function leaderOfStream(
  { manager, streams }: BrokerConnection,
  stream: DisturbedStream,
): Promise<string | undefined> {
  try {
    return (await manager.streams.info(streams[stream])).cluster?.leader;
  } catch (error) {
    throw translateError(error, `asking for the leader of ${streams[stream]}`);
  }
}

/** Let a stream take hardly more messages than it has, or as many as before. @throws UmbelError */
export async function fillStream(
  { manager, streams }: BrokerConnection,
  stream: DisturbedStream,
  full: boolean,
): Promise<void> {
  const name = streams[stream];
  try {
    const { config, state } = await manager.streams.info(name);
    const limits = full
      ? { discard: DiscardPolicy.New, max_msgs: state.messages + HEADROOM }
      : { discard: DiscardPolicy.Old, max_msgs: -1 };
    await manager.streams.update(name, { ...config, ...limits });
  } catch (error) {
    throw translateError(error, `changing the limits of ${name}`);
  }
}

/** Whether the server asks for TLS: then nothing can stand between it and its clients. */
export function needsTls({ nats }: BrokerConnection): boolean {
  return nats.info?.tls_required === true;
}

async function request({ nats }: BrokerConnection, subject: string): Promise<boolean> {
  const doing = `asking for ${subject}`;
  try {
    const answer = await nats.request(`$JS.API.${subject}`, undefined, { timeout: ANSWER_TIMEOUT_MS });
    const body: unknown = answer.json();
    return typeof body === "object" && body !== null && Reflect.get(body, "success") === true;
  } catch (error) {
    throw translateError(error, doing);
  }
}

/** What is written while the limit is changed must not be cut off by it. */
const HEADROOM = 100;
const ANSWER_TIMEOUT_MS = 5_000;
