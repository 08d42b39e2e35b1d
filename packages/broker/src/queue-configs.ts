import type { StoredMsg } from "@nats-io/jetstream";
import {
  DEFAULT_QUEUE_CONFIG,
  decodeQueueConfig,
  encodeQueueConfig,
  lastToken,
  queueConfigNotice,
  queueConfigSubject,
  UmbelError,
  type QueueConfig,
} from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import type { BrokerConnection, Unsubscribe } from "./connection.ts";
import { encodeHeaders, EXPECT_SEQUENCE } from "./encoded-headers.ts";
import type { Publisher } from "./publisher.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/** A queue and what is decided about it. */
export interface NamedQueueConfig {
  readonly queue: string;
  readonly config: QueueConfig;
}

interface StoredConfig {
  readonly sequence: number;
  readonly config: QueueConfig;
}

const CHANGE_TRIES = 40;
const RETRY_DELAY_MS = 25;

/** Reads and changes the definitions of queues. */
export class QueueConfigs {
  readonly #connection: BrokerConnection;

  constructor(connection: BrokerConnection) {
    this.#connection = connection;
  }

  /** What is decided about `queue`, as the leader has it; the defaults when nothing is. @throws UmbelError */
  async read(queue: string): Promise<QueueConfig> {
    return (await this.#read(queue))?.config ?? DEFAULT_QUEUE_CONFIG;
  }

  /** Every queue about which something is decided, by name. @throws UmbelError */
  async list(): Promise<readonly NamedQueueConfig[]> {
    const found: NamedQueueConfig[] = [];
    for (let message = await this.#nextAfter(0); message; message = await this.#nextAfter(message.seq)) {
      const { config } = readStored(message);
      if (config.version > 0) found.push({ queue: lastToken(message.subject), config });
    }
    return found.toSorted((left, right) => left.queue.localeCompare(right.queue));
  }

  /**
   * Decide something about `queue`. `change` says what the definition becomes, or nothing to leave it; it is asked
   * again when somebody else was faster. Its version is set here.
   *
   * @throws what `change` throws; UmbelError `permission_denied`, `unconfirmed`, … when it is not stored.
   */
  async change(
    queue: string,
    publisher: Publisher,
    change: (current: QueueConfig) => QueueConfig | undefined,
  ): Promise<QueueConfig> {
    for (let tries = 1; ; tries++) {
      const stored = await this.#read(queue);
      const current = stored?.config ?? DEFAULT_QUEUE_CONFIG;
      const wanted = change(current);
      if (wanted === undefined) return current;
      const next = { ...wanted, version: current.version + 1 };
      try {
        await publisher.publish({
          subject: queueConfigSubject(this.#connection.mesh, queue),
          body: encodeQueueConfig(next),
          headers: encodeHeaders([[EXPECT_SEQUENCE, String(stored?.sequence ?? 0)]]),
        });
        return next;
      } catch (error) {
        if (!UmbelError.is(error, "conflict") || tries >= CHANGE_TRIES) throw error;
        // Somebody else, or our own write whose answer was lost: `change` sees what is there now.
        await sleep(RETRY_DELAY_MS);
      }
    }
  }

  /** Hear of every change of any queue, once it is stored. What happens while the connection is down is not heard. */
  onChange(listener: (queue: string, config: QueueConfig) => void): Unsubscribe {
    return this.#connection.subscribe(queueConfigNotice(this.#connection.mesh, "*"), (message) => {
      const config = readable(message.data);
      if (config !== undefined) listener(lastToken(message.subject), config);
    });
  }

  async #read(queue: string): Promise<StoredConfig | undefined> {
    const { manager, streams, mesh } = this.#connection;
    try {
      const query = { last_by_subj: queueConfigSubject(mesh, queue) };
      const message = await manager.streams.getMessage(streams.config, query);
      return message === null ? undefined : readStored(message);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw translateError(error, `reading the definition of queue ${queue}`);
    }
  }

  async #nextAfter(sequence: number): Promise<StoredMsg | undefined> {
    const { manager, streams, mesh } = this.#connection;
    try {
      const query = { next_by_subj: queueConfigSubject(mesh, "*"), seq: sequence + 1 };
      return (await manager.streams.getMessage(streams.config, query)) ?? undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw translateError(error, "reading the definitions of queues");
    }
  }
}

// What is deleted, or written by hand, decides nothing; the next change replaces it.
function readStored({ seq: sequence, data }: StoredMsg): StoredConfig {
  return { sequence, config: readable(data) ?? DEFAULT_QUEUE_CONFIG };
}

function readable(body: Uint8Array): QueueConfig | undefined {
  try {
    return decodeQueueConfig(body);
  } catch (error) {
    if (UmbelError.is(error, "undecodable")) return undefined;
    throw error;
  }
}
