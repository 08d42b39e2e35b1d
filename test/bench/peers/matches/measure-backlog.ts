import { sleep } from "@umbel/runtime";
import { usageOf } from "../../measure/process-usage.ts";
import type { Child } from "../../processes/crew.ts";
import type { Figures } from "../../scenario.ts";
import { expectCount } from "../../scenarios/check-delivery.ts";
import { BENCH_QUEUE, WARM_QUEUE } from "../../work/tasks.ts";
import type { Contender } from "../contenders/contender.ts";
import type { MatchCircumstances } from "./match.ts";
import { Stage } from "./stage.ts";

/** As many as it takes until V8 has compiled what is measured. */
const WARM_UP = 40_000;
const SMALL = 10_000;
const MEASURED = 40_000;
const CHUNK = 50_000;
const SLOTS = 100;
const BYTES_PER_MB = 2 ** 20;
/** For a broker to give back what it needed only for a moment. */
const SETTLE_MS = 2_000;

/** What a long queue costs: enqueueing onto it, working off from it, and its memory. */
export async function measureBacklog(contender: Contender, { n }: MatchCircumstances): Promise<Figures> {
  const small = await measureAt(contender, Math.min(SMALL, n), n);
  const large = await measureAt(contender, n, n);
  return {
    enqueueShare: large.enqueueRate / small.enqueueRate,
    drainShare: large.drainRate / small.drainRate,
    ...large,
    smallEnqueueRate: small.enqueueRate,
    smallDrainRate: small.drainRate,
  };
}

type AtLength = Readonly<Record<"enqueueRate" | "drainRate" | "bytesPerRun" | "brokerMb", number>>;

async function measureAt(contender: Contender, length: number, most: number): Promise<AtLength> {
  const measured = Math.min(MEASURED, most);
  const warmUp = Math.min(WARM_UP, most);
  const options = { n: warmUp + length + measured, warmUp: 0, slots: SLOTS };
  await using stage = await Stage.set(contender, options);
  const driver = await stage.startDriver();
  // Of another queue, for the worker, which comes only when the memory is measured: what a broker keeps for an idle
  // worker does not depend on how long queues are.
  await contender.fill(stage.broker.url, { queue: WARM_QUEUE, from: 0, count: warmUp });
  const before = await residentMb(stage);
  for (let from = 0; from < length; from += CHUNK)
    await stage.drive(driver, "bulk", { from: warmUp + from, count: Math.min(CHUNK, length - from) });
  const put = await stage.drive(driver, "bulk", { from: warmUp + length, count: measured });
  expectCount("runs in the queues", await stage.broker.queuedRuns(), warmUp + length + measured);
  const brokerMb = await residentMb(stage);
  const worker = stage.startWorker();
  await workOff(worker, WARM_QUEUE, warmUp);
  return {
    enqueueRate: put["rate"] ?? NaN,
    drainRate: measured / (await workOff(worker, BENCH_QUEUE, measured)),
    bytesPerRun: ((brokerMb - before) * BYTES_PER_MB) / (length + measured),
    brokerMb,
  };
}

/** The time in which `count` handlers are called; what is left stays in the queue. @returns seconds */
async function workOff(worker: Child, queue: string, count: number): Promise<number> {
  worker.tell("work", { count }, queue);
  await worker.next("working");
  const { values } = await worker.next("handled");
  return ((values["lastAtMs"] ?? NaN) - (values["firstAtMs"] ?? NaN)) / 1_000;
}

async function residentMb(stage: Stage): Promise<number> {
  await sleep(SETTLE_MS);
  return usageOf(stage.broker.pids)?.residentMb ?? NaN;
}
