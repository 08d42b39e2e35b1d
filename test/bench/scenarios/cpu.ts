import { availableParallelism } from "node:os";
import { connect, type Mesh } from "@umbel/client";
import { Crew } from "../processes/crew.ts";
import type { Circumstances, Figures, Measure, Scenario } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { calibrate } from "../work/burn.ts";
import { burning } from "../work/tasks.ts";
import { checkDelivery, expectCount } from "./check-delivery.ts";

const IDEAL = new URL("../raw/cpu.ts", import.meta.url);
const WORKER = new URL("../ours/cpu-worker.ts", import.meta.url);
const RUN_MS = 50;
/** Enough for every thread to have loaded its modules. */
const WARM_UP = 4 * availableParallelism();

/** Runs that compute, on as many threads as there are cores. */
export const cpu: Scenario = {
  name: "cpu",
  about: "200 runs of about 50 ms on threads, against bare threads without any queue",
  n: 200,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "seconds",
  gates: [
    { figure: "seconds", of: "ratio", most: 1.15 },
    { figure: "loopDelayP99Ms", of: "ours", most: 10 },
  ],
  prepare: createMeasure,
};

function createMeasure(): Measure {
  const iterations = calibrate(RUN_MS);
  return (circumstances) =>
    circumstances.side === "raw"
      ? measureIdeal(circumstances, iterations)
      : measureOurs(circumstances, iterations);
}

async function measureIdeal({ n }: Circumstances, iterations: number): Promise<Figures> {
  await using crew = new Crew();
  const ideal = crew.start(IDEAL, { settings: { url: "", n, warmUp: WARM_UP, width: 1 } });
  ideal.tell("prepare", { iterations });
  await ideal.next("ready");
  ideal.tell("go");
  const { values } = await ideal.next("measured");
  ideal.tell("end");
  await ideal.ended();
  return values;
}

async function measureOurs(circumstances: Circumstances, iterations: number): Promise<Figures> {
  const { n, syncInterval, profileDir } = circumstances;
  await using server = await BenchServer.start(syncInterval);
  await using crew = new Crew();
  const settings = { url: server.url, n, warmUp: WARM_UP, width: 1 };
  const worker = crew.start(WORKER, { settings, profileDir });
  await using mesh = await connect({ servers: server.url });
  await worker.next("ready");
  await burnAll(mesh, inputs(0, WARM_UP, iterations));
  worker.tell("go");
  await worker.next("watching");
  const beganAt = performance.now();
  await burnAll(mesh, inputs(WARM_UP, n, iterations));
  const seconds = (performance.now() - beganAt) / 1_000;
  worker.tell("end");
  const measured = await worker.next("measured");
  await checkDelivery(server, n + WARM_UP, measured);
  await worker.ended();
  return { seconds, loopDelayP99Ms: measured.values["loopDelayP99Ms"] ?? Infinity };
}

interface Burn {
  readonly index: number;
  readonly iterations: number;
}

function inputs(from: number, count: number, iterations: number): readonly Burn[] {
  return Array.from({ length: count }, (_, offset) => ({ index: from + offset, iterations }));
}

async function burnAll(mesh: Mesh, burns: readonly Burn[]): Promise<void> {
  const runs = await mesh.enqueueMany(burning, burns);
  const results = await Promise.all(runs.map((run) => run.result()));
  for (const [place, { index }] of burns.entries()) expectCount("result", results[place], index);
}
