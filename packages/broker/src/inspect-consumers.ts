import { AckPolicy, type ConsumerInfo } from "@nats-io/jetstream";
import { consumerName, laneFilter, PRIORITIES, readyFilter, type Priority } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** How one consumer of the tasks stream stands at this moment. */
export interface ConsumerFacts {
  readonly name: string;
  /** What it delivers from; `undefined` for a consumer that is not Umbel's. */
  readonly queue: string | undefined;
  readonly priority: Priority | undefined;
  /** The lane of the queue; `undefined` for the consumer of a priority. */
  readonly lane: number | undefined;
  /** Settings that Umbel's promises rest on and that are not as it makes them. Empty for a foreign consumer. */
  readonly problems: readonly string[];
  /** Runs that wait for a worker. */
  readonly waiting: number;
  /** Runs that workers hold. */
  readonly inProgress: number;
  readonly maxInProgress: number;
  /** How long a run may go without a sign of life, in milliseconds; absent where nobody said. */
  readonly ackWaitMs?: number;
  /** How many deliveries it has made since it exists. */
  readonly deliveries: number;
  /** Requests of workers that wait for a run. */
  readonly pulls: number;
  readonly paused: boolean;
  /**
   * Milliseconds since it delivered or was acknowledged anything, by the server's clock; absent when it never did. A
   * server that was restarted has forgotten.
   */
  readonly idleMs?: number;
}

const NANOS_PER_MS = 1_000_000;

/** Look at every consumer of the tasks stream. @throws UmbelError, `not_provisioned` without the stream */
export async function inspectConsumers(connection: BrokerConnection): Promise<readonly ConsumerFacts[]> {
  const { manager, streams, mesh } = connection;
  const found: ConsumerFacts[] = [];
  try {
    for await (const info of manager.consumers.list(streams.tasks)) found.push(describeConsumer(info, mesh));
  } catch (error) {
    throw translateError(error, `looking at the consumers of stream ${streams.tasks}`);
  }
  return found.toSorted((left, right) => left.name.localeCompare(right.name));
}

function describeConsumer(info: ConsumerInfo, mesh: string): ConsumerFacts {
  const source = sourceOf(info.name);
  return {
    name: info.name,
    queue: source?.queue,
    priority: source?.priority,
    lane: source?.lane,
    problems: source === undefined ? [] : problemsOf(info, filterOf(mesh, source)),
    waiting: info.num_pending,
    inProgress: info.num_ack_pending,
    maxInProgress: info.config.max_ack_pending ?? 0,
    ackWaitMs: (info.config.ack_wait ?? 0) / NANOS_PER_MS,
    deliveries: info.delivered.consumer_seq,
    pulls: info.num_waiting,
    paused: info.paused ?? false,
    ...idleOf(info),
  };
}

// The library calls these moments numbers; the server writes them as text.
function idleOf({ delivered, ack_floor: floor, ...info }: ConsumerInfo): { readonly idleMs?: number } {
  const moment = (from: object, field: string): number => Date.parse(String(Reflect.get(from, field)));
  const actions = [delivered, floor].map((place) => moment(place, "last_active"));
  const last = Math.max(...actions.filter((at) => !Number.isNaN(at)));
  const idleMs = moment(info, "ts") - last;
  return Number.isFinite(idleMs) ? { idleMs: Math.max(0, idleMs) } : {};
}

interface Source {
  readonly queue: string;
  readonly priority: Priority | undefined;
  readonly lane: number | undefined;
}

function filterOf(mesh: string, { queue, priority, lane }: Source): string {
  return lane === undefined ? readyFilter(mesh, queue, priority ?? "normal") : laneFilter(mesh, queue, lane);
}

const LANE_NAME = /^(?<queue>.+)_k(?<lane>\d{1,2})$/;

function sourceOf(name: string): Source | undefined {
  for (const priority of PRIORITIES) {
    const suffix = consumerName("", priority);
    if (name.endsWith(suffix) && name.length > suffix.length)
      return { queue: name.slice(0, -suffix.length), priority, lane: undefined };
  }
  const { queue, lane } = LANE_NAME.exec(name)?.groups ?? {};
  return queue === undefined ? undefined : { queue, priority: undefined, lane: Number(lane) };
}

function problemsOf({ config }: ConsumerInfo, filter: string): string[] {
  const filters = config.filter_subjects ?? [config.filter_subject ?? ""];
  return [
    ...(config.ack_policy === AckPolicy.Explicit ? [] : [`ack_policy is "${config.ack_policy}"`]),
    ...((config.max_deliver ?? -1) === -1 ? [] : [`max_deliver is ${config.max_deliver}`]),
    ...(filters.join() === filter ? [] : [`it delivers "${filters.join(", ")}" instead of "${filter}"`]),
  ];
}
