import { monotonicMs } from "../../measure/clock.ts";
import { dueAtOf } from "../../measure/lateness.ts";
import { inLanes, timeEach, timeRate } from "../../measure/timing.ts";
import type { Figures } from "../../scenario.ts";
import { noopInput } from "../../work/tasks.ts";
import type { Driver, MatchInput } from "./driver.ts";
import { openLoop, paceOf } from "./open-loop.ts";
import { sampleData } from "./sample-data.ts";

/** What is to be done, and how often. */
export interface ModePlan {
  readonly from: number;
  readonly count: number;
  /** At a time. */
  readonly width: number;
  /** A second, for what arrives whether or not the system keeps up. */
  readonly rate?: number | undefined;
  /** In one call. */
  readonly chunk?: number | undefined;
  /** When the first is due, by the clock on the wall. */
  readonly firstDueAt?: number | undefined;
  /** Whether inputs are as large as those of bullmq-bench. */
  readonly sample?: boolean | undefined;
}

type Measure = (driver: Driver, plan: ModePlan) => Promise<Figures>;

const DELAYED_LANES = 500;
const DEFAULT_RATE = 200;

/** What a driver is measured at, by name. */
export const MODES = {
  /** Many at a time. */
  flight: (driver, plan) =>
    timeRate(plan.count, async () => {
      if (driver.addEach !== undefined) return driver.addEach(inputsOf(plan), plan.width);
      return inLanes(plan.count, plan.width, (index) => driver.add(inputOf(plan, index)));
    }),
  /** One by one. */
  awaited: async (driver, plan) => {
    const beganAt = performance.now();
    const figures = await timeEach(plan.count, (index) => driver.add(inputOf(plan, index)));
    return { rate: (plan.count / (performance.now() - beganAt)) * 1_000, ...figures };
  },
  bulk: (driver, plan) => {
    const { size, lanes } = plan.chunk === undefined ? driver.bulk : { size: plan.chunk, lanes: 1 };
    const inputs = inputsOf(plan);
    return timeRate(plan.count, () =>
      inLanes(Math.ceil(plan.count / size), lanes, (call) =>
        driver.addMany(inputs.slice(call * size, (call + 1) * size)),
      ),
    );
  },
  /** To the result, one by one. */
  call: (driver, plan) => timeEach(plan.count, (index) => callOne(driver, inputOf(plan, index))),
  /** To the result, many at a time. */
  saturated: (driver, plan) =>
    timeRate(plan.count, () =>
      inLanes(plan.count, plan.width, (index) => callOne(driver, inputOf(plan, index))),
    ),
  /** To the result, as they arrive. */
  open: (driver, plan) =>
    openLoop(paceOf(plan.count, plan.rate ?? DEFAULT_RATE), (index) => callOne(driver, inputOf(plan, index))),
  /** As they arrive, with the time at which they should have been sent. */
  paced: async (driver, plan) => {
    const pace = paceOf(plan.count, plan.rate ?? DEFAULT_RATE);
    const beganAt = monotonicMs();
    await openLoop(pace, (index) =>
      driver.add({ ...inputOf(plan, index), sentAt: beganAt + pace.dueMs(index) }),
    );
    return {};
  },
  /** From the call for all to the last result. */
  fanOut: async (driver, plan) => {
    const inputs = inputsOf(plan);
    const beganAt = performance.now();
    const results = await callAll(driver, inputs);
    const seconds = (performance.now() - beganAt) / 1_000;
    for (const [place, input] of inputs.entries()) checkResult(input, results[place]);
    return { seconds, rate: plan.count / seconds };
  },
  /** Due one after another within ten seconds. */
  delayed: async (driver, plan) => {
    const { firstDueAt = Date.now() } = plan;
    const addAt = driver.addAt ?? cannot;
    await inLanes(plan.count, DELAYED_LANES, (index) => {
      const dueAt = dueAtOf(index, firstDueAt, plan.count);
      return addAt({ ...inputOf(plan, index), dueAt }, dueAt);
    });
    return { aheadMs: firstDueAt - Date.now() };
  },
} as const satisfies Readonly<Record<string, Measure>>;

/** One of {@link MODES}. */
export type Mode = keyof typeof MODES;

function inputOf({ from, sample = false }: ModePlan, index: number): MatchInput {
  const input = noopInput(from + index);
  return sample ? { ...input, sample: sampleData } : input;
}

function inputsOf(plan: ModePlan): readonly MatchInput[] {
  return Array.from({ length: plan.count }, (_, index) => inputOf(plan, index));
}

async function callOne(driver: Driver, input: MatchInput): Promise<void> {
  checkResult(input, await (driver.call ?? cannot)(input));
}

function callAll(driver: Driver, inputs: readonly MatchInput[]): Promise<readonly unknown[]> {
  return driver.callMany?.(inputs) ?? Promise.all(inputs.map((input) => (driver.call ?? cannot)(input)));
}

function checkResult({ index }: MatchInput, result: unknown): void {
  if (Number(result) !== index) throw new Error(`run ${index} came back as ${String(result)}`);
}

function cannot(): never {
  throw new Error("this system cannot do that");
}
