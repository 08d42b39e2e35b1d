import { availableParallelism } from "node:os";
import { Crew } from "../../processes/crew.ts";
import type { Figures, Measure } from "../../scenario.ts";
import { cpu } from "../../scenarios/cpu.ts";
import { expectCount } from "../../scenarios/check-delivery.ts";
import { calibrate } from "../../work/burn.ts";
import type { Contender } from "../contenders/contender.ts";
import type { MatchCircumstances } from "./match.ts";

const BULLMQ = new URL("../programs/bullmq-cpu.ts", import.meta.url);
const RUN_MS = 50;
const WARM_UP = 4 * availableParallelism();

let measureOurs: Measure | undefined;
let iterations: number | undefined;

/** Runs that compute on threads. "Raw" is bare threads without any queue: the ideal. */
export async function measureCpu(contender: Contender, { n, round }: MatchCircumstances): Promise<Figures> {
  if (contender.system === "bullmq") return measureBullmq(contender, n);
  measureOurs ??= await cpu.prepare();
  const side = contender.system === "raw" ? "raw" : "ours";
  return measureOurs({ side, round, n, syncInterval: "1s", profileDir: undefined });
}

async function measureBullmq(contender: Contender, n: number): Promise<Figures> {
  iterations ??= calibrate(RUN_MS);
  await using broker = await contender.startBroker();
  await using crew = new Crew();
  const settings = { url: broker.url, n, warmUp: WARM_UP, width: availableParallelism() };
  const child = crew.start(BULLMQ, { settings });
  child.tell("go", { iterations });
  const { values } = await child.next("measured");
  expectCount("outcomes stored", await broker.storedOutcomes(), n + WARM_UP);
  expectCount("runs left in the queue", await broker.queuedRuns(), 0);
  return values;
}
