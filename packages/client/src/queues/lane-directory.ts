import type { BrokerConnection, Publisher, QueueConfigs, Unsubscribe } from "@umbel/broker";
import { laneOf, type QueueConfig } from "@umbel/protocol";

/** What a {@link LaneDirectory} needs. */
export interface LaneDirectoryDeps {
  readonly connection: BrokerConnection;
  readonly configs: QueueConfigs;
  readonly publisher: Publisher;
}

/**
 * Knows how many lanes queues have. Asks once for each queue, and marks it as keyed if nobody has: from then on
 * workers serve its lanes. Changes are heard.
 */
export class LaneDirectory implements Disposable {
  readonly #deps: LaneDirectoryDeps;
  readonly #known = new Map<string, QueueConfig>();
  readonly #asked = new Map<string, Promise<QueueConfig>>();
  #stops: readonly Unsubscribe[] | undefined;

  constructor(deps: LaneDirectoryDeps) {
    this.#deps = deps;
  }

  /** The lane of `key` in `queue`. Known at once but for the first run of a queue. @throws UmbelError */
  laneOf(queue: string, key: string): number | Promise<number> {
    const known = this.#known.get(queue);
    if (known !== undefined) return laneOf(key, known.lanes);
    return this.#ask(queue).then(({ lanes }) => laneOf(key, lanes));
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops ?? []) stop();
    this.#stops = [];
  }

  // Whoever enqueues many runs at once asks once.
  #ask(queue: string): Promise<QueueConfig> {
    this.#stops ??= this.#listen();
    const asked = this.#asked.get(queue) ?? this.#markKeyed(queue);
    this.#asked.set(queue, asked);
    return asked;
  }

  async #markKeyed(queue: string): Promise<QueueConfig> {
    const { configs, publisher } = this.#deps;
    try {
      const config = await configs.change(queue, publisher, (current) =>
        current.keyed ? undefined : { ...current, keyed: true },
      );
      this.#learn(queue, config);
      return config;
    } finally {
      this.#asked.delete(queue);
    }
  }

  // Of two definitions the later one counts, in whatever order they are heard.
  #learn(queue: string, config: QueueConfig): void {
    const known = this.#known.get(queue);
    if (config.keyed && (known === undefined || config.version > known.version))
      this.#known.set(queue, config);
  }

  #listen(): readonly Unsubscribe[] {
    return [
      this.#deps.configs.onChange((queue, config) => this.#learn(queue, config)),
      // What happened in between was not heard.
      this.#deps.connection.onEvent((event) => event.type === "reconnected" && this.#known.clear()),
    ];
  }
}
