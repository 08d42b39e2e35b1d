import { Executions } from "../measure/executions.ts";
import { monotonicMs } from "../measure/clock.ts";
import { latenessOf } from "../measure/lateness.ts";
import type { Figures } from "../scenario.ts";
import { joinParent } from "./parent.ts";
import type { Settings } from "./settings.ts";

/** Something that executes runs. */
export interface WorkerSide {
  /** Pull from `queue` until {@link stop}. */
  work(queue: string): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** When a run was due by the clock on the wall, or sent by the clock that processes share: if it matters. */
export interface RunTimes {
  readonly dueAt?: number | undefined;
  readonly sentAt?: number | undefined;
}

/** What a handler calls with the index of its input. */
export type Mark = (index: number, times?: RunTimes) => void;

/**
 * Be the working process of a benchmark. For each `work` of the parent: stop what it did before, pull from the
 * queue that `text` names, say `working`, and say `handled` once `count` handlers have been called.
 */
export async function serveWorker(
  open: (settings: Settings, mark: Mark) => Promise<WorkerSide>,
): Promise<void> {
  const parent = joinParent();
  const { n, warmUp } = parent.settings;
  const tally = new Tally(n + warmUp);
  const side = await open(parent.settings, (index, times) => tally.mark(index, times));
  for (;;) {
    const { values, text: queue } = await parent.next("work");
    await side.stop();
    if (queue === undefined) break;
    const handled = tally.expect(values["count"] ?? 0);
    await side.work(queue);
    parent.tell("working");
    if (values["count"] !== 0) parent.tell("handled", await handled);
  }
  await side.close();
  parent.tell("closed", { ...tally.executions, ...tally.lateness });
  parent.leave();
}

type Span = Readonly<Record<"firstAtMs" | "lastAtMs", number>>;

class Tally {
  readonly #executions: Executions;
  readonly #late: number[] = [];
  #expected = 0;
  #count = 0;
  #firstAtMs = 0;
  #done: PromiseWithResolvers<Span> = Promise.withResolvers();

  constructor(runs: number) {
    this.#executions = new Executions(runs);
  }

  get executions(): { readonly total: number; readonly distinct: number } {
    const { total, distinct } = this.#executions;
    return { total, distinct };
  }

  get lateness(): Figures {
    return this.#late.length === 0 ? {} : latenessOf(this.#late);
  }

  /** Resolves, to when the first and the last one were called, once `count` more handlers have been called. */
  expect(count: number): Promise<Span> {
    this.#expected = count;
    this.#count = 0;
    this.#done = Promise.withResolvers();
    return this.#done.promise;
  }

  mark(index: number, { dueAt, sentAt }: RunTimes = {}): void {
    if (dueAt !== undefined) this.#late.push(Date.now() - dueAt);
    if (sentAt !== undefined) this.#late.push(monotonicMs() - sentAt);
    this.#executions.mark(index);
    this.#count += 1;
    if (this.#count === 1) this.#firstAtMs = monotonicMs();
    if (this.#count === this.#expected)
      this.#done.resolve({ firstAtMs: this.#firstAtMs, lastAtMs: monotonicMs() });
  }
}
