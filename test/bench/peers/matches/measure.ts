// The ways to measure a contender.
import { expectCount } from "../../scenarios/check-delivery.ts";
import { monotonicMs } from "../../measure/clock.ts";
import type { Figures } from "../../scenario.ts";
import { BENCH_QUEUE, WARM_QUEUE } from "../../work/tasks.ts";
import type { Mode } from "../programs/modes.ts";
import type { Match } from "./match.ts";
import { Meter, Stage, type PlanValues } from "./stage.ts";

type Measure = Match["measure"];

/** What may differ from one match to the next. */
export interface Plan {
  /** Runs before those that are measured, at most as many. */
  readonly warmUp: number;
  /** Calls one by one take long to be compiled: many at a time come first, four for each that is measured. @default false */
  readonly warmUpTogether?: boolean;
  /** More numbers for the mode. */
  readonly values?: PlanValues;
  /** Slots of the worker. @default 100 */
  readonly slots?: number;
  /** Milliseconds that what the broker says takes to arrive. @default 0 */
  readonly delayMs?: number;
}

const SLOTS = 100;

/** Measure a client alone: nobody works, and every run must be in the queue afterwards. */
export function measureDriver(mode: Mode, { warmUp: most, values = {}, delayMs = 0 }: Plan): Measure {
  return async (contender, { n, profileDir }) => {
    const warmUp = Math.min(most, n);
    await using stage = await Stage.set(contender, { n, warmUp, slots: SLOTS, delayMs, profileDir });
    const driver = await stage.startDriver();
    await stage.drive(driver, mode, { ...values, from: 0, count: warmUp });
    const figures = await stage.drive(driver, mode, { ...values, from: warmUp, count: n });
    expectCount("runs in the queue", await stage.broker.queuedRuns(), n + warmUp);
    await stage.endDriver(driver);
    return figures;
  };
}

/** Measure a worker on a full queue: from the call of the first handler until the last run has ended. */
export function measureDrain({ warmUp: most, slots = SLOTS, delayMs = 0 }: Plan): Measure {
  return async (contender, { n, profileDir }) => {
    const warmUp = Math.min(most, n);
    await using stage = await Stage.set(contender, { n, warmUp, slots, delayMs, profileDir });
    const worker = stage.startWorker();
    const { url } = stage.broker;
    const workOff = async (queue: string, from: number, count: number): Promise<Figures> => {
      await contender.fill(url, { queue, from, count });
      const meter = new Meter({ worker: [worker.pid], broker: stage.broker.pids });
      worker.tell("work", { count }, queue);
      await worker.next("working");
      const { values } = await worker.next("handled");
      await stage.untilEmpty();
      const seconds = (monotonicMs() - (values["firstAtMs"] ?? 0)) / 1_000;
      return { rate: count / seconds, ...meter.costs(count) };
    };
    await workOff(WARM_QUEUE, 0, warmUp);
    const figures = await workOff(BENCH_QUEUE, warmUp, n);
    await stage.endWorker(worker, n + warmUp);
    return figures;
  };
}

interface Warming {
  readonly mode: Mode;
  readonly values: PlanValues;
  readonly count: number;
}

function warmingOf(mode: Mode, { warmUp, values = {}, warmUpTogether = false }: Plan, n: number): Warming {
  if (warmUpTogether)
    return { mode: "saturated", values: { ...values, width: 500 }, count: Math.min(warmUp, 4 * n) };
  const untimed = mode === "paced" || mode === "delayed" ? "flight" : mode;
  return { mode: untimed, values, count: Math.min(warmUp, n) };
}

/** Measure a client and a worker together. */
export function measureBoth(mode: Mode, plan: Plan): Measure {
  return async (contender, { n, profileDir }) => {
    const { values = {}, slots = SLOTS, delayMs = 0 } = plan;
    const warming = warmingOf(mode, plan, n);
    const warmUp = warming.count;
    await using stage = await Stage.set(contender, { n, warmUp, slots, delayMs, profileDir });
    const worker = stage.startWorker();
    worker.tell("work", { count: 0 }, BENCH_QUEUE);
    const driver = await stage.startDriver();
    await worker.next("working");
    // What is late before it is warm does not count: these runs do not say when they were sent.
    await stage.drive(driver, warming.mode, { ...warming.values, from: 0, count: warmUp });
    await stage.untilEmpty();
    const meter = new Meter({ worker: [worker.pid] });
    const leadMs = values["leadMs"];
    const due = leadMs === undefined ? {} : { firstDueAt: Date.now() + leadMs };
    const driven = await stage.drive(driver, mode, { ...values, ...due, from: warmUp, count: n });
    if ((driven["aheadMs"] ?? 0) < 0) throw new Error("the runs were not enqueued before they were due");
    await stage.untilEmpty();
    const costs = meter.costs(n);
    await stage.endDriver(driver);
    const { total: _total, distinct: _distinct, ...late } = await stage.endWorker(worker, n + warmUp);
    return { ...driven, ...costs, ...late };
  };
}
