import { connect } from "@umbel/client";
import { Crew } from "../processes/crew.ts";
import type { Circumstances, Figures, Scenario } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { due } from "../work/tasks.ts";
import { expectCount } from "./check-delivery.ts";

const RAW = new URL("../raw/lateness.ts", import.meta.url);
const WORKER = new URL("../ours/lateness.ts", import.meta.url);
const PRODUCER = new URL("../ours/lateness-producer.ts", import.meta.url);
const SLOTS = 100;
const WARM_UP = 2_000;
/** Time to enqueue everything before the first run is due. */
const LEAD_MS = 6_000;
const PENDING = 100_000;

type LatenessScenario = Pick<Scenario, "n" | "rounds" | "sides" | "main" | "gates">;

const COMMON: LatenessScenario = {
  n: 10_000,
  rounds: 1,
  sides: ["raw", "ours"],
  main: "p99Ms",
  gates: [
    { figure: "early", of: "ours", most: 0 },
    { figure: "p99Ms", of: "ours", most: 5 },
  ],
};

/** From when a run is due to the start of its handler; raw: to when the server fires a schedule for that moment. */
export const lateness: Scenario = {
  name: "lateness",
  about:
    "10,000 runs due within 10 s: how late their handlers start; raw: how late the server's schedules fire",
  ...COMMON,
  prepare: () => (circumstances) => measure(circumstances, 0),
};

/** The same, while many others wait. */
export const latenessPending: Scenario = {
  name: "lateness-100k",
  about: "the same with 100,000 others that are due an hour later",
  ...COMMON,
  prepare: () => (circumstances) => measure(circumstances, PENDING),
};

async function measure(circumstances: Circumstances, pending: number): Promise<Figures> {
  await using server = await BenchServer.start(circumstances.syncInterval);
  await addPending(server.url, pending);
  await using crew = new Crew();
  const figures = await (circumstances.side === "raw" ? measureRaw : measureOurs)(
    circumstances,
    server,
    crew,
  );
  expectCount("runs left", await untilLeft(server, pending), pending);
  return figures;
}

async function measureRaw({ n }: Circumstances, { url }: BenchServer, crew: Crew): Promise<Figures> {
  const child = crew.start(RAW, { settings: { url, n, warmUp: 0, width: SLOTS } });
  await child.next("ready");
  child.tell("go", { firstDueAt: Date.now() + LEAD_MS });
  const { values } = await child.next("measured");
  child.tell("end");
  await child.ended();
  return values;
}

async function measureOurs(
  { n, profileDir }: Circumstances,
  { url }: BenchServer,
  crew: Crew,
): Promise<Figures> {
  const options = { settings: { url, n, warmUp: Math.min(WARM_UP, n), width: SLOTS }, profileDir };
  const worker = crew.start(WORKER, options);
  await worker.next("ready");
  const producer = crew.start(PRODUCER, options);
  await worker.next("warm");
  producer.tell("go", { firstDueAt: Date.now() + LEAD_MS });
  const { values: enqueued } = await producer.next("enqueued");
  if ((enqueued["aheadMs"] ?? 0) < 0) throw new Error("the runs were not enqueued before they were due");
  const { values } = await worker.next("measured");
  for (const child of [producer, worker]) {
    child.tell("end");
    await child.ended();
  }
  return values;
}

async function addPending(url: string, count: number): Promise<void> {
  if (count === 0) return;
  await using mesh = await connect({ servers: url });
  const inputs = Array.from({ length: count }, () => ({ dueAt: 0, measured: false }));
  await mesh.enqueueMany(due, inputs, { delay: "1h" });
}

// Acks are on their way when the last handler has started; what does not go away is counted.
async function untilLeft(server: BenchServer, pending: number): Promise<number> {
  for (let look = 0; look < 100; look++) {
    const left = await server.queuedRuns();
    if (left === pending) return left;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return server.queuedRuns();
}
