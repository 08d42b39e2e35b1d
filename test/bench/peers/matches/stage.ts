import { usageOf } from "../../measure/process-usage.ts";
import { Crew, type Child } from "../../processes/crew.ts";
import type { Figures } from "../../scenario.ts";
import { expectCount } from "../../scenarios/check-delivery.ts";
import type { Broker } from "../brokers/broker.ts";
import { behindSlowWire } from "../brokers/slow-wire.ts";
import type { Contender, Programs } from "../contenders/contender.ts";
import { eventually, sleep } from "@umbel/runtime";
import type { Mode } from "../programs/modes.ts";

/** What the processes of a measurement are started with. */
export interface StageOptions {
  readonly n: number;
  readonly warmUp: number;
  /** Slots of the worker. */
  readonly slots: number;
  /** Milliseconds that what the broker says takes to arrive. @default 0 */
  readonly delayMs?: number;
  /** Where the processes put their CPU profiles, if they do. */
  readonly profileDir?: string | undefined;
}

/** Numbers of a {@link Mode}'s plan. */
export type PlanValues = Readonly<Record<string, number>>;

const DRAIN_MS = 120_000;
const LOOK_EVERY_MS = 5;
const OUTCOME_LOOKS = 200;

interface Parts {
  readonly broker: Broker;
  readonly programs: Programs;
  readonly options: StageOptions;
  readonly interpreter: string | undefined;
}

/** One measurement of one contender: a broker of its own, and processes that are gone afterwards. */
export class Stage implements AsyncDisposable {
  readonly broker: Broker;
  readonly #programs: Programs;
  readonly #options: StageOptions;
  readonly #interpreter: string | undefined;
  readonly #crew = new Crew();

  private constructor({ broker, programs, options, interpreter }: Parts) {
    this.broker = broker;
    this.#programs = programs;
    this.#options = options;
    this.#interpreter = interpreter;
  }

  static async set({ programs, startBroker }: Contender, options: StageOptions): Promise<Stage> {
    const { delayMs = 0 } = options;
    const interpreter = (await programs.interpreter?.())?.path;
    const near = await startBroker();
    const broker = delayMs === 0 ? near : await behindSlowWire(near, delayMs);
    return new Stage({ broker, programs, options, interpreter });
  }

  /** Start the contender's client, and wait until it is connected. */
  async startDriver(): Promise<Child> {
    const driver = this.#start(this.#programs.driver);
    await driver.next("ready");
    return driver;
  }

  /** Start the contender's worker; it does nothing yet. */
  startWorker(): Child {
    return this.#start(this.#programs.worker);
  }

  /** Let `driver` do something, and tell what came of it and what it has cost these processes and the broker. */
  async drive(driver: Child, mode: Mode, values: PlanValues): Promise<Figures> {
    const meter = new Meter({ producer: [driver.pid], broker: this.broker.pids });
    driver.tell("measure", values, mode);
    const measured = await driver.next("measured");
    return { ...measured.values, ...meter.costs(values["count"] ?? 1) };
  }

  /** Wait until every run has ended. */
  async untilEmpty(): Promise<void> {
    const isEmpty = async (): Promise<boolean> => (await this.broker.queuedRuns()) === 0;
    await eventually("every run has ended", isEmpty, { timeoutMs: DRAIN_MS, everyMs: LOOK_EVERY_MS });
  }

  /**
   * Stop the worker, and make sure that each of `runs` runs was executed once, has its outcome where those are
   * kept, and that none is left. @returns what the worker has to say
   */
  async endWorker(worker: Child, runs: number): Promise<Figures> {
    await this.#untilOutcomes(runs);
    worker.tell("work");
    const { values } = await worker.next("closed");
    expectCount("executions", values["total"], runs);
    expectCount("runs executed", values["distinct"], runs);
    expectCount("runs left in the queue", await this.broker.queuedRuns(), 0);
    return values;
  }

  async endDriver(driver: Child): Promise<void> {
    driver.tell("measure");
    await driver.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#crew[Symbol.asyncDispose]();
    await this.broker[Symbol.asyncDispose]();
  }

  // Where runs are acked before they are executed, the last results come after the queue is empty.
  async #untilOutcomes(runs: number): Promise<void> {
    let outcomes = await this.broker.storedOutcomes();
    for (let looks = 0; outcomes !== undefined && outcomes < runs && looks < OUTCOME_LOOKS; looks++) {
      await sleep(LOOK_EVERY_MS);
      outcomes = await this.broker.storedOutcomes();
    }
    if (outcomes !== undefined) expectCount("outcomes stored", outcomes, runs);
  }

  #start(entry: URL): Child {
    const { n, warmUp, slots, profileDir } = this.#options;
    const { variant } = this.#programs;
    const settings = {
      url: this.broker.url,
      n,
      warmUp,
      width: slots,
      ...(variant === undefined ? {} : { variant }),
    };
    return this.#crew.start(entry, { settings, interpreter: this.#interpreter, profileDir });
  }
}

const MICROS_PER_MS = 1_000;

/** What processes use from now on. */
export class Meter {
  readonly #processes: Readonly<Record<string, readonly number[]>>;
  readonly #before: ReadonlyMap<string, number>;

  /** @param processes by what their figures shall be called: `"worker"`. */
  constructor(processes: Readonly<Record<string, readonly number[]>>) {
    this.#processes = processes;
    this.#before = new Map(this.#names().map(([name, pids]) => [name, usageOf(pids)?.cpuMs ?? NaN]));
  }

  /** Microseconds of CPU for each of `runs` runs, and resident memory now. Nothing where it cannot be known. */
  costs(runs: number): Figures {
    const figures = this.#names().flatMap(([name, pids]) => {
      const usage = usageOf(pids);
      if (usage === undefined) return [];
      const micros = ((usage.cpuMs - (this.#before.get(name) ?? NaN)) * MICROS_PER_MS) / runs;
      return [
        [`${name}Us`, micros],
        [`${name}Mb`, usage.residentMb],
      ] as const;
    });
    return Object.fromEntries(figures);
  }

  #names(): readonly (readonly [string, readonly number[]])[] {
    return Object.entries(this.#processes);
  }
}
