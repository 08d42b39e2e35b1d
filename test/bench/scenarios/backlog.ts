import { connect, type Mesh } from "@umbel/client";
import { Crew, type Child } from "../processes/crew.ts";
import type { Circumstances, Figures, Scenario } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { settledServerBytes } from "../server/monitoring.ts";
import { BENCH_QUEUE, noop, noopInput, WARM_QUEUE } from "../work/tasks.ts";
import { expectCount } from "./check-delivery.ts";
import { WORKERS } from "./workers.ts";

/** As many as it takes until V8 has compiled what is measured. */
const WARM_UP = 40_000;
const SMALL = 10_000;
const MEASURED = 40_000;
const CHUNK = 50_000;
const SLOTS = 100;

/** What a long queue costs. */
export const backlog: Scenario = {
  name: "backlog",
  about:
    "40,000 runs enqueued onto, then drained from, a queue of 1,000,000: rates against a queue of 10,000",
  n: 1_000_000,
  rounds: 1,
  sides: ["ours"],
  main: "drainRate",
  gates: [
    { figure: "enqueueShare", of: "ours", least: 0.9 },
    { figure: "drainShare", of: "ours", least: 0.9 },
    { figure: "bytesPerRun", of: "ours", most: 350 },
  ],
  prepare: () => measure,
};

async function measure(circumstances: Circumstances): Promise<Figures> {
  const small = await measureAt(Math.min(SMALL, circumstances.n), circumstances);
  const large = await measureAt(circumstances.n, circumstances);
  return {
    ...large,
    enqueueShare: large.enqueueRate / small.enqueueRate,
    drainShare: large.drainRate / small.drainRate,
    smallEnqueueRate: small.enqueueRate,
    smallDrainRate: small.drainRate,
  };
}

interface AtLength {
  readonly enqueueRate: number;
  readonly drainRate: number;
  readonly bytesPerRun: number;
  readonly [figure: string]: number;
}

async function measureAt(length: number, { n, syncInterval, profileDir }: Circumstances): Promise<AtLength> {
  const measured = Math.min(MEASURED, n);
  const warmUp = Math.min(WARM_UP, n);
  await using server = await BenchServer.start(syncInterval);
  await using crew = new Crew();
  const settings = { url: server.url, n: warmUp + length + measured, warmUp: 0, width: SLOTS };
  await using mesh = await connect({ servers: server.url });
  // For the worker, which comes only when the memory is measured: what a broker keeps for an idle worker of another queue
  // does not depend on how long queues are.
  await put(mesh, { queue: WARM_QUEUE, from: 0, count: warmUp });
  const emptyBytes = await settledServerBytes(server);
  await put(mesh, { queue: BENCH_QUEUE, from: warmUp, count: length });
  const enqueueSeconds = await put(mesh, { queue: BENCH_QUEUE, from: warmUp + length, count: measured });
  expectCount("runs in the queues", await server.queuedRuns(), warmUp + length + measured);
  const bytes = (await settledServerBytes(server)) - emptyBytes;
  const worker = crew.start(WORKERS.ours, { settings, profileDir });
  await drain(worker, { queue: WARM_QUEUE, count: warmUp });
  const drainSeconds = await drain(worker, { queue: BENCH_QUEUE, count: measured });
  return {
    enqueueRate: measured / enqueueSeconds,
    drainRate: measured / drainSeconds,
    bytesPerRun: bytes / (length + measured),
  };
}

/** In calls of a bearable size. @returns seconds */
async function put(
  mesh: Mesh,
  { queue, from, count }: { readonly queue: string; readonly from: number; readonly count: number },
): Promise<number> {
  const beganAt = performance.now();
  for (let done = 0; done < count; done += CHUNK) {
    const inputs = Array.from({ length: Math.min(CHUNK, count - done) }, (_, index) =>
      noopInput(from + done + index),
    );
    await mesh.enqueueMany(noop, inputs, { queue });
  }
  return (performance.now() - beganAt) / 1_000;
}

/** The time in which `count` handlers are called; what is left stays in the queue. @returns seconds */
async function drain(
  worker: Child,
  { queue, count }: { readonly queue: string; readonly count: number },
): Promise<number> {
  worker.tell("work", { count }, queue);
  await worker.next("working");
  const { values } = await worker.next("handled");
  return ((values["lastAtMs"] ?? 0) - (values["firstAtMs"] ?? 0)) / 1_000;
}
