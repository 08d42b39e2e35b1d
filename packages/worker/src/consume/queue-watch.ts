import type { BrokerConnection, QueueConfigs, Unsubscribe } from "@umbel/broker";
import { DEFAULT_QUEUE_CONFIG, isPaused, type QueueConfig } from "@umbel/protocol";
import { every, type Logger } from "@umbel/runtime";

/** What a {@link QueueWatch} needs. */
export interface QueueWatchDeps {
  readonly connection: Pick<BrokerConnection, "onEvent" | "connected">;
  readonly configs: Pick<QueueConfigs, "read" | "onChange">;
  readonly queues: readonly string[];
  readonly logger: Logger;
}

/** Core NATS may lose a notice: what is decided is read again this often, and until it can be read. */
const READ_EVERY_MS = 10_000;
const RETRY_MS = 1_000;

/** Follows what is decided about the queues of a worker. */
export class QueueWatch implements Disposable {
  readonly #deps: QueueWatchDeps;
  readonly #queues: Set<string>;
  readonly #configs = new Map<string, QueueConfig>();
  /** What is decided about these may have changed unheard, and is being read: nothing of them starts meanwhile. */
  readonly #doubtful = new Set<string>();
  readonly #listeners = new Set<(queue: string, config: QueueConfig) => void>();
  #stops: readonly Unsubscribe[] = [];
  #readAt = 0;

  constructor(deps: QueueWatchDeps) {
    this.#deps = deps;
    this.#queues = new Set(deps.queues);
  }

  /** Read everything once, and hear of changes from then on. @throws UmbelError when it cannot be read */
  async start(): Promise<void> {
    const { configs, connection } = this.#deps;
    this.#stops = [
      // Before the reads: nothing can fall between.
      configs.onChange((queue, config) => this.#learn(queue, config)),
      connection.onEvent((event) => event.type === "reconnected" && this.#doubtAll()),
      every(RETRY_MS, () => this.#readAgain()),
    ];
    this.#readAt = performance.now();
    await Promise.all([...this.#queues].map(async (queue) => this.#learn(queue, await configs.read(queue))));
  }

  /** Follow `queue` too. @throws UmbelError when what is decided about it cannot be read */
  async add(queue: string): Promise<void> {
    this.#queues.add(queue);
    this.#learn(queue, await this.#deps.configs.read(queue));
  }

  /** Follow `queue` no more. */
  remove(queue: string): void {
    this.#queues.delete(queue);
    this.#configs.delete(queue);
    this.#doubtful.delete(queue);
  }

  /** What is decided about `queue`, as far as is known. */
  config(queue: string): QueueConfig {
    return this.#configs.get(queue) ?? DEFAULT_QUEUE_CONFIG;
  }

  /** Whether no run of `queue` may start at `now`. */
  holds(queue: string, now: number): boolean {
    return this.#doubtful.has(queue) || isPaused(this.config(queue), now);
  }

  /** Hear of what is decided from now on. */
  onChange(listener: (queue: string, config: QueueConfig) => void): void {
    this.#listeners.add(listener);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  // Of two definitions the later one counts, in whatever order they are heard.
  #learn(queue: string, config: QueueConfig): void {
    if (!this.#queues.has(queue)) return;
    const known = this.#configs.get(queue);
    if (known !== undefined && known.version >= config.version) return;
    this.#configs.set(queue, config);
    for (const listener of this.#listeners) listener(queue, config);
  }

  #doubtAll(): void {
    for (const queue of this.#queues) {
      this.#doubtful.add(queue);
      void this.#read(queue);
    }
  }

  #readAgain(): void {
    if (!this.#deps.connection.connected || performance.now() - this.#readAt < READ_EVERY_MS) return;
    this.#readAt = performance.now();
    for (const queue of this.#queues) void this.#read(queue);
  }

  // What cannot be read for now is as it was known last: a queue must not stand still for that. It is tried again
  // at the next round.
  async #read(queue: string): Promise<void> {
    try {
      this.#learn(queue, await this.#deps.configs.read(queue));
    } catch (error) {
      this.#readAt = performance.now() - READ_EVERY_MS;
      this.#deps.logger.warn({ queue, err: error }, "the definition of a queue could not be read");
    } finally {
      this.#doubtful.delete(queue);
    }
  }
}
