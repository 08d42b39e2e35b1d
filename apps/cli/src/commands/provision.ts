import {
  inspectConsumers,
  provisionConsumers,
  provisionStreams,
  type BrokerConnection,
  type ConsumerFacts,
  type ProvisionedStream,
} from "@umbel/broker";
import { checkQueueName, DEFAULT_ACK_WAIT_MS } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import type { Tone } from "../output/colour.ts";
import { table } from "../output/table.ts";
import { withBroker } from "../with-client.ts";

/** The flags of `umbel provision`. */
export interface ProvisionFlags extends ConnectionFlags, JsonFlag {
  readonly queues?: readonly string[];
  readonly replicas?: number;
  /** Milliseconds. */
  readonly ackWait?: number;
}

/** What became of something that a mesh needs. */
interface Provisioned {
  readonly name: string;
  readonly kind: "stream" | "consumer";
  readonly action: ProvisionedStream["action"];
}

/** Make what a mesh needs on its server: the streams, and the consumers of some queues. Tells what was changed. */
export async function provision(flags: ProvisionFlags, deps: CommandDeps): Promise<number> {
  const { queues = [], replicas } = flags;
  for (const queue of queues) checkQueueName(queue, "--queues");
  const { out } = deps.terminal;
  return withBroker(flags, deps, async (connection) => {
    const streams = await provisionStreams(connection, { replicas });
    const made: readonly Provisioned[] = [
      ...streams.map(({ name, action }) => ({ name, kind: "stream" as const, action })),
      ...(queues.length === 0 ? [] : await makeConsumers(connection, queues, flags)),
    ];
    if (wantsJson(flags, deps.env)) out.line(JSON.stringify({ provisioned: made }));
    else
      out.line(table(made.map(({ name, kind, action }) => [out.paint(TONES[action], action), kind, name])));
    return EXIT.ok;
  });
}

const TONES: Readonly<Record<Provisioned["action"], Tone>> = {
  created: "good",
  updated: "warning",
  unchanged: "quiet",
};

async function makeConsumers(
  connection: BrokerConnection,
  queues: readonly string[],
  { ackWait = DEFAULT_ACK_WAIT_MS }: ProvisionFlags,
): Promise<readonly Provisioned[]> {
  const before = new Map((await inspectConsumers(connection)).map((consumer) => [consumer.name, consumer]));
  for (const queue of queues) await provisionConsumers(connection, queue, ackWait);
  const after = await inspectConsumers(connection);
  return after
    .filter(({ queue, lane }) => queue !== undefined && lane === undefined && queues.includes(queue))
    .map((consumer) => ({
      name: consumer.name,
      kind: "consumer",
      action: actionOf(before.get(consumer.name), consumer),
    }));
}

function actionOf(before: ConsumerFacts | undefined, after: ConsumerFacts): Provisioned["action"] {
  if (before === undefined) return "created";
  const same = before.ackWaitMs === after.ackWaitMs && before.problems.length === after.problems.length;
  return same ? "unchanged" : "updated";
}
