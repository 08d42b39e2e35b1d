import { findKeyedRun, type BrokerConnection, type Publisher, type QueueConfigs } from "@umbel/broker";
import {
  checkFields,
  checkLanes,
  checkQueueName,
  invalidArgument,
  isPaused,
  UmbelError,
  type QueueConfig,
  type QueuePause,
} from "@umbel/protocol";
import type { AuditedAction, AuditLog } from "../audit/audit-log.ts";
import { checkMoment } from "../moments.ts";

/** What is decided about a queue. Times in milliseconds since the epoch. */
export interface QueueDefinition {
  readonly name: string;
  /** Grows with every change; 0: nobody has decided anything. */
  readonly version: number;
  /** How many lanes runs with a key are spread over. */
  readonly lanes: number;
  /** Whether a run with a key was ever enqueued. */
  readonly keyed: boolean;
  /** Absent: it is not paused. */
  readonly paused?: QueuePause;
}

/** What {@link Queues.configure} takes. */
export interface ConfigureQueueOptions {
  /** 1 to 32. So many runs with different keys are executed at a time, at most. */
  readonly lanes: number;
}

/** What {@link Queues.pause} takes. */
export interface PauseQueueOptions {
  /** When it ends by itself: a Date, or ISO 8601 text with a zone. @default when somebody resumes it */
  readonly until?: Date | string;
  /** Kept with the queue, for whoever wonders. */
  readonly reason?: string;
  /** Who asked. */
  readonly by?: string;
}

/** What {@link Queues} needs. */
export interface QueuesDeps {
  readonly connection: BrokerConnection;
  readonly configs: QueueConfigs;
  readonly publisher: Publisher;
  readonly audit: AuditLog;
  readonly now: () => number;
}

const LONGEST_TEXT = 1_000;

/** The queues of a mesh, for whoever operates it: all producers and workers follow what is decided here. */
export class Queues {
  readonly #deps: QueuesDeps;

  constructor(deps: QueuesDeps) {
    this.#deps = deps;
  }

  /** What is decided about a queue; the defaults when nothing is. @throws UmbelError when the broker cannot be asked */
  async get(name: string): Promise<QueueDefinition> {
    return this.#define(name, await this.#deps.configs.read(checkQueueName(name)));
  }

  /** Every queue about which something is decided, by name. @throws UmbelError when the broker cannot be asked */
  async list(): Promise<readonly QueueDefinition[]> {
    const all = await this.#deps.configs.list();
    return all.map(({ queue, config }) => this.#define(queue, config));
  }

  /**
   * Set how many lanes a queue has. Only while no run with a key waits, runs or is scheduled in it: the lane of a
   * key would change, and a run could overtake an earlier one.
   *
   * @throws UmbelError `invalid_argument`; `config_conflict` while there are such runs; `permission_denied`.
   */
  async configure(name: string, options: ConfigureQueueOptions): Promise<QueueDefinition> {
    checkQueueName(name);
    checkFields(options, "configure", ["lanes"]);
    const lanes = checkLanes(options.lanes);
    return this.#record({ action: "queue.configure", target: { queue: name, lanes } }, () =>
      this.#configure(name, lanes),
    );
  }

  async #configure(name: string, lanes: number): Promise<QueueDefinition> {
    const { configs, connection } = this.#deps;
    const { lanes: before, keyed } = await configs.read(name);
    if (keyed && lanes !== before) refuseKeyed(name, await findKeyedRun(connection, name));
    const config = await this.#change(name, (current) => {
      if ((current.lanes === lanes && current.version > 0) || current.keyed !== keyed) return undefined;
      // Nobody has used a lane yet: those that it might have had need no workers.
      const widest = current.keyed ? Math.max(current.widest, lanes) : lanes;
      return { ...current, lanes, widest };
    });
    // The first run with a key has come meanwhile.
    return config.keyed === keyed ? this.#define(name, config) : this.#configure(name, lanes);
  }

  /**
   * Let no run of a queue start, on any worker, until it is resumed. Runs that were started finish; enqueueing
   * goes on, and what is due meanwhile waits. It outlasts restarts of everything. Pausing again changes what is
   * said about it.
   *
   * @throws UmbelError `invalid_argument`, `permission_denied`.
   */
  async pause(name: string, options: PauseQueueOptions = {}): Promise<QueueDefinition> {
    checkQueueName(name);
    const paused = this.#checkPause(options);
    const { at: _, by, ...said } = paused;
    return this.#record({ action: "queue.pause", target: { queue: name, ...said }, by }, async () =>
      this.#define(name, await this.#change(name, (current) => ({ ...current, paused }))),
    );
  }

  /** Let the runs of a queue start again. A queue that is not paused is left as it is. @throws UmbelError `permission_denied` */
  async resume(name: string): Promise<QueueDefinition> {
    checkQueueName(name);
    return this.#record({ action: "queue.resume", target: { queue: name } }, async () => {
      const config = await this.#change(name, (current) => {
        const { paused, ...rest } = current;
        return paused === undefined ? undefined : rest;
      });
      return this.#define(name, config);
    });
  }

  #record(what: AuditedAction, work: () => Promise<QueueDefinition>): Promise<QueueDefinition> {
    return this.#deps.audit.record(what, async () => {
      const value = await work();
      return { value, result: { version: value.version } };
    });
  }

  #change(name: string, change: (current: QueueConfig) => QueueConfig | undefined): Promise<QueueConfig> {
    return this.#deps.configs.change(name, this.#deps.publisher, change);
  }

  #checkPause(options: PauseQueueOptions): QueuePause {
    checkFields(options, "pause", ["until", "reason", "by"]);
    const { reason, by } = options;
    const now = this.#deps.now();
    const until = options.until === undefined ? undefined : checkMoment(options.until, "pause.until");
    if (until !== undefined && until <= now) {
      throw invalidArgument({ field: "pause.until", received: options.until, expected: "a moment to come" });
    }
    return {
      at: now,
      ...(until === undefined ? {} : { until }),
      ...(reason === undefined ? {} : { reason: checkText(reason, "pause.reason") }),
      ...(by === undefined ? {} : { by: checkText(by, "pause.by") }),
    };
  }

  // A pause that has ended by itself is none.
  #define(name: string, config: QueueConfig): QueueDefinition {
    const { version, lanes, keyed, paused } = config;
    const definition = { name, version, lanes, keyed };
    return paused !== undefined && isPaused(config, this.#deps.now())
      ? { ...definition, paused }
      : definition;
  }
}

function refuseKeyed(queue: string, subject: string | undefined): void {
  if (subject === undefined) return;
  throw new UmbelError(
    "config_conflict",
    `the lanes of queue ${queue} cannot be changed while runs with a key are in it, such as ${subject}: ` +
      "their keys would get other lanes. Let them finish or cancel them first.",
    { details: { queue, subject } },
  );
}

function checkText(value: unknown, field: string): string {
  if (typeof value === "string" && value.length <= LONGEST_TEXT) return value;
  throw invalidArgument({ field, received: value, expected: `text of at most ${LONGEST_TEXT} characters` });
}
