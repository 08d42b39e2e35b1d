import { streamSpecs } from "@umbel/protocol";
import type { StreamInfo } from "@nats-io/jetstream";
import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** How full a stream of the mesh is. */
export interface StreamUse {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  /** The sequence of the last message that it ever took. */
  readonly lastSequence: number;
  /** What it may hold; `undefined` without a limit. */
  readonly maxMessages: number | undefined;
  readonly maxBytes: number | undefined;
  /** How long messages are kept, in milliseconds; `undefined`: until they are removed. */
  readonly maxAgeMs: number | undefined;
  /** When its oldest message was stored, in milliseconds since the epoch; `undefined` when it is empty. */
  readonly oldestAt: number | undefined;
}

const NANOS_PER_MS = 1_000_000;

/** How full the streams of the mesh are, those that are there. @throws UmbelError when the broker cannot be asked */
export async function inspectUse(connection: BrokerConnection): Promise<readonly StreamUse[]> {
  const names = streamSpecs(connection.mesh).map(({ name }) => name);
  const found = await Promise.all(names.map((name) => streamUse(connection, name)));
  return found.filter((use) => use !== undefined);
}

async function streamUse({ manager }: BrokerConnection, name: string): Promise<StreamUse | undefined> {
  try {
    return describeUse(await manager.streams.info(name));
  } catch (error) {
    const translated = translateError(error, `looking at stream ${name}`);
    if (translated.code === "not_provisioned") return undefined;
    throw translated;
  }
}

function describeUse({ config, state }: StreamInfo): StreamUse {
  const limit = (value: number): number | undefined => (value > 0 ? value : undefined);
  return {
    name: config.name,
    messages: state.messages,
    bytes: state.bytes,
    lastSequence: state.last_seq,
    maxMessages: limit(config.max_msgs),
    maxBytes: limit(config.max_bytes),
    maxAgeMs: limit(config.max_age / NANOS_PER_MS),
    oldestAt: state.messages === 0 ? undefined : Date.parse(state.first_ts),
  };
}
