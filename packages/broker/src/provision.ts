import type { ConsumerConfig, StreamInfo } from "@nats-io/jetstream";
import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import {
  consumerSpecs,
  laneConsumerSpecs,
  streamSpecs,
  UmbelError,
  type ConsumerSpec,
  type StreamSpec,
} from "@umbel/protocol";
import { sleep, withDeadline } from "@umbel/runtime";
import type { BrokerConnection } from "./connection.ts";
import { createStream } from "./create-stream.ts";
import { compareStream, type Difference, type StreamPlacement } from "./stream-config.ts";
import { API_ERROR, translateError } from "./translate-error.ts";

const NANOS_PER_MS = 1_000_000;
const RACE_RETRIES = 20;
const RACE_DELAY_MS = 100;
const INFO_PATIENCE_MS = 500;

/** What {@link provisionStreams} did to one stream. */
export interface ProvisionedStream {
  readonly name: string;
  readonly action: "created" | "updated" | "unchanged";
  readonly replicas: number;
  readonly storage: "file" | "memory";
}

/**
 * Make every stream of the mesh exist and be as Umbel needs it. Idempotent, and safe when many processes do it
 * at once. Replicas and placement are set at creation only: later they are the operator's, as are limits of size where
 * no promise depends on what they drop.
 *
 * @throws UmbelError `config_conflict` when a stream exists that cannot be made right; `permission_denied` or
 * `not_provisioned` when this user may not make it.
 */
export async function provisionStreams(
  connection: BrokerConnection,
  placement: StreamPlacement = {},
): Promise<readonly ProvisionedStream[]> {
  const specs = streamSpecs(connection.mesh);
  return Promise.all(specs.map((spec) => retryRaces(() => provisionStream(connection, spec, placement))));
}

async function provisionStream(
  connection: BrokerConnection,
  spec: StreamSpec,
  placement: StreamPlacement,
): Promise<ProvisionedStream> {
  const { manager } = connection;
  const found = await settledStream(connection, spec.name);
  if (found === undefined) {
    const created = await createStream(connection, spec, placement);
    checkEcho(created, spec);
    return describeStream(created, "created");
  }
  const differences = compareStream(found.config, spec);
  if (differences.length === 0) return describeStream(found, "unchanged");
  refuseImmutable(spec, differences);
  const changes = Object.fromEntries(differences.map(({ setting, needed }) => [setting, needed]));
  const updated = await doing(`updating stream ${spec.name}`, () =>
    manager.streams.update(spec.name, { ...found.config, ...changes }),
  );
  checkEcho(updated, spec);
  return describeStream(updated, "updated");
}

/** What is wrong with the streams of the mesh, without changing anything; missing streams are reported too. */
export async function inspectStreams(connection: BrokerConnection): Promise<
  readonly {
    readonly name: string;
    readonly found: ProvisionedStream | undefined;
    readonly differences: readonly Difference[];
  }[]
> {
  return Promise.all(
    streamSpecs(connection.mesh).map(async (spec) => {
      const info = await streamInfo(connection, spec.name);
      if (info === undefined) return { name: spec.name, found: undefined, differences: [] };
      return {
        name: spec.name,
        found: describeStream(info, "unchanged"),
        differences: compareStream(info.config, spec),
      };
    }),
  );
}

/** Make the consumers of `queue` exist. Idempotent. @throws UmbelError */
export async function provisionConsumers(
  connection: BrokerConnection,
  queue: string,
  ackWaitMs: number,
): Promise<void> {
  const specs = consumerSpecs(connection.mesh, queue, ackWaitMs);
  await Promise.all(specs.map((spec) => retryRaces(() => provisionConsumer(connection, spec))));
}

/** Make the consumers of some lanes of `queue` exist. Idempotent. @throws UmbelError */
export async function provisionLanes(
  connection: BrokerConnection,
  queue: string,
  which: { readonly lanes: readonly number[]; readonly ackWaitMs: number },
): Promise<void> {
  const specs = laneConsumerSpecs(connection.mesh, queue, which);
  await Promise.all(specs.map((spec) => retryRaces(() => provisionConsumer(connection, spec))));
}

/** Make one consumer exist. Idempotent. @throws UmbelError */
export function provisionOne(connection: BrokerConnection, spec: ConsumerSpec): Promise<void> {
  return retryRaces(() => provisionConsumer(connection, spec));
}

async function provisionConsumer(connection: BrokerConnection, spec: ConsumerSpec): Promise<void> {
  const { consumers } = connection.manager;
  const config = consumerConfig(spec);
  try {
    await doing(`creating consumer ${spec.name}`, () => consumers.add(spec.stream, config));
  } catch (error) {
    if (!isRefusal(error, API_ERROR.consumerExists)) throw error;
    // It is there and differs: in its ack-wait, or because it is paused. What is not ours stays as it is.
    await doing(`updating consumer ${spec.name}`, () => consumers.update(spec.stream, spec.name, config));
  }
}

function consumerConfig(spec: ConsumerSpec): Partial<ConsumerConfig> & { durable_name: string } {
  return {
    durable_name: spec.name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    filter_subject: spec.filter,
    ack_wait: spec.ackWaitMs * NANOS_PER_MS,
    // Retries are decided by the worker from the run's record: the broker must never give up on its own.
    max_deliver: -1,
    max_ack_pending: spec.maxAckPending,
    max_waiting: 20_000,
  };
}

// On a cluster nobody answers a question about a stream that is being made just now: ask again soon.
async function settledStream(connection: BrokerConnection, name: string): Promise<StreamInfo | undefined> {
  const asked = streamInfo(connection, name).then((info) => ({ info }));
  const answer = await withDeadline(asked, INFO_PATIENCE_MS);
  if (answer !== undefined) return answer.info;
  throw new UmbelError("broker_unavailable", `looking at stream ${name}: the server did not answer in time.`);
}

async function streamInfo(connection: BrokerConnection, name: string): Promise<StreamInfo | undefined> {
  try {
    return await connection.manager.streams.info(name);
  } catch (error) {
    const translated = translateError(error, `looking at stream ${name}`);
    if (translated.code === "not_provisioned") return undefined;
    throw translated;
  }
}

function describeStream(info: StreamInfo, action: ProvisionedStream["action"]): ProvisionedStream {
  return {
    name: info.config.name,
    action,
    replicas: info.config.num_replicas,
    storage: info.config.storage === "memory" ? "memory" : "file",
  };
}

function refuseImmutable(spec: StreamSpec, differences: readonly Difference[]): void {
  const fixed = differences.filter(({ mutable }) => !mutable);
  if (fixed.length === 0) return;
  throw conflict(
    spec.name,
    fixed,
    "They cannot be changed: move its messages away and delete it, or use another mesh name.",
  );
}

// An old server drops settings that it does not know, without a word.
function checkEcho(info: StreamInfo, spec: StreamSpec): void {
  const differences = compareStream(info.config, spec);
  if (differences.length > 0) throw conflict(spec.name, differences, "The server did not take them.");
}

function conflict(name: string, differences: readonly Difference[], what: string): UmbelError {
  const list = differences
    .map(
      ({ setting, found, needed }) =>
        `${setting} is ${JSON.stringify(found)} and must be ${JSON.stringify(needed)}`,
    )
    .join("; ");
  return new UmbelError("config_conflict", `stream ${name}: ${list}. ${what}`, {
    details: { stream: name, differences },
  });
}

async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateError(error, what);
  }
}

// Ten processes that start together see no stream, create it, and nine are told that it exists: look again.
async function retryRaces<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const passing =
        isRefusal(error, API_ERROR.streamNameInUse) || UmbelError.is(error, "broker_unavailable");
      if (!passing || tries >= RACE_RETRIES) throw error;
      await sleep(RACE_DELAY_MS);
    }
  }
}

function isRefusal(error: unknown, apiCode: number): boolean {
  return UmbelError.is(error) && error.details["apiCode"] === apiCode;
}
