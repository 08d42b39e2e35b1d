import { Crew } from "../processes/crew.ts";
import type { Circumstances, Figures, Scenario, Side } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { settledServerBytes } from "../server/monitoring.ts";
import { expectCount } from "./check-delivery.ts";

const PRODUCERS: Readonly<Record<Side, URL>> = {
  raw: new URL("../raw/enqueue.ts", import.meta.url),
  ours: new URL("../ours/enqueue.ts", import.meta.url),
};
/** So many that what a server holds whatever it stores is there already. */
const WARM_UP = 10_000;
const WIDTH = 1_000;

/** What a queue costs the broker. */
export const memory: Scenario = {
  name: "memory",
  about: "what each of 300,000 queued runs costs the broker in memory",
  n: 300_000,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "bytesPerRun",
  gates: [{ figure: "bytesPerRun", of: "ours", most: 400 }],
  prepare: () => measure,
};

async function measure({ side, n, syncInterval, profileDir }: Circumstances): Promise<Figures> {
  const warmUp = Math.min(WARM_UP, n);
  await using server = await BenchServer.start(syncInterval);
  await using crew = new Crew();
  const settings = { url: server.url, n, warmUp, width: WIDTH };
  const producer = crew.start(PRODUCERS[side], { settings, profileDir });
  await producer.next("warm");
  const before = await settledServerBytes(server);
  producer.tell("go");
  await producer.next("measured");
  expectCount("runs in the queue", await server.queuedRuns(), n + warmUp);
  const after = await settledServerBytes(server);
  producer.tell("end");
  await producer.ended();
  return { bytesPerRun: (after - before) / n };
}
