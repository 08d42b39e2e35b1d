import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** The copies of one stream on the servers of a cluster. */
export interface StreamCopies {
  readonly name: string;
  /** The server that leads it; `undefined` when none does now. */
  readonly leader: string | undefined;
  readonly followers: readonly CopyFacts[];
}

/** One copy that follows its leader. */
export interface CopyFacts {
  readonly server: string;
  /** Whether it has all that its leader has. */
  readonly current: boolean;
  /** Whether its server cannot be reached. */
  readonly offline: boolean;
  /** How many operations it is known to be behind. */
  readonly behind: number;
  /** How long ago its leader last heard of it, in milliseconds. */
  readonly silentMs: number;
}

const NANOS_PER_MS = 1_000_000;

/** Look at the copies of the mesh's streams that exist. @throws UmbelError */
export async function inspectCopies(connection: BrokerConnection): Promise<readonly StreamCopies[]> {
  const { tasks, results, deadLetters } = connection.streams;
  const all = [tasks, results, deadLetters].map((name) => copiesOf(connection, name));
  return (await Promise.all(all)).filter((copies) => copies !== undefined);
}

async function copiesOf({ manager }: BrokerConnection, name: string): Promise<StreamCopies | undefined> {
  try {
    const { cluster } = await manager.streams.info(name);
    const followers = (cluster?.replicas ?? []).map((peer) => ({
      server: peer.name,
      current: peer.current,
      offline: peer.offline ?? false,
      behind: peer.lag ?? 0,
      silentMs: (peer.active ?? 0) / NANOS_PER_MS,
    }));
    return { name, leader: cluster?.leader, followers };
  } catch (error) {
    const translated = translateError(error, `looking at the copies of stream ${name}`);
    if (translated.code === "not_provisioned") return undefined;
    throw translated;
  }
}
