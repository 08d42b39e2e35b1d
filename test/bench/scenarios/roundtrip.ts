import { Crew } from "../processes/crew.ts";
import type { Circumstances, Figures, Scenario, Side } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { BENCH_QUEUE } from "../work/tasks.ts";
import { checkDelivery } from "./check-delivery.ts";
import { WORKERS } from "./workers.ts";

const PRODUCERS: Readonly<Record<Side, URL>> = {
  raw: new URL("../raw/roundtrip.ts", import.meta.url),
  ours: new URL("../ours/roundtrip.ts", import.meta.url),
};
const WARM_UP = 5_000;
const SLOTS = 100;

/** From the call of enqueue() to the result, one by one, while nothing else happens. */
export const roundtrip: Scenario = {
  name: "roundtrip",
  about: "enqueue() to result(), one by one on an idle mesh: how long each takes",
  n: 5_000,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "p50Ms",
  gates: [
    { figure: "p50Ms", of: "ratio", most: 1.5 },
    { figure: "p99Ms", of: "ratio", most: 2 },
  ],
  prepare: () => measure,
};

async function measure({ side, n, syncInterval, profileDir }: Circumstances): Promise<Figures> {
  const warmUp = Math.min(WARM_UP, n);
  await using server = await BenchServer.start(syncInterval);
  await using crew = new Crew();
  const settings = { url: server.url, n, warmUp, width: SLOTS };
  const worker = crew.start(WORKERS[side], { settings, profileDir });
  worker.tell("work", { count: 0 }, BENCH_QUEUE);
  await worker.next("working");
  const producer = crew.start(PRODUCERS[side], { settings, profileDir });
  await producer.next("warm");
  producer.tell("go");
  const { values } = await producer.next("measured");
  producer.tell("end");
  await producer.ended();
  await server.untilAllAcked();
  worker.tell("work");
  await checkDelivery(server, n + warmUp, await worker.next("closed"));
  await worker.ended();
  return values;
}
