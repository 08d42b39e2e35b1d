import { connect, defineTask } from "@umbel/client";
import { Crew } from "../processes/crew.ts";
import type { Circumstances, Figures, Scenario } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { BENCH_QUEUE, noop, noopInput, WARM_QUEUE, type NoopInput } from "../work/tasks.ts";
import { checkDelivery } from "./check-delivery.ts";
import { fillQueue } from "./fill-queue.ts";
import { WORKERS } from "./workers.ts";

const SLOTS = 100;
const WARM_UP = 5_000;
const LANES = [8, 32] as const;
const KEYS = [1, 10, 100, 1_000] as const;

/** How the measured runs are spread: without keys, or over so many in so many lanes. */
interface Spread {
  readonly keys: number;
  readonly lanes: number;
}

/** What order costs. */
export const keyed: Scenario = {
  name: "keyed",
  about: "10,000 queued no-op runs with 1 to 1,000 keys in 8 and 32 lanes, beside runs without keys",
  n: 10_000,
  rounds: 1,
  sides: ["ours"],
  main: "unkeyed",
  gates: [],
  prepare: () => measure,
};

async function measure(circumstances: Circumstances): Promise<Figures> {
  const figures: Record<string, number> = { unkeyed: await rateOf(circumstances, undefined) };
  for (const lanes of LANES) {
    for (const keys of KEYS) {
      figures[`lanes${lanes}keys${keys}`] = await rateOf(circumstances, { keys, lanes });
    }
  }
  return figures;
}

async function rateOf(
  { n, syncInterval, profileDir }: Circumstances,
  spread: Spread | undefined,
): Promise<number> {
  const warmUp = Math.min(WARM_UP, n);
  await using server = await BenchServer.start(syncInterval);
  await using crew = new Crew();
  const settings = { url: server.url, n, warmUp, width: SLOTS };
  const worker = crew.start(WORKERS.ours, { settings, profileDir });
  const workOff = async (queue: string, count: number): Promise<number> => {
    worker.tell("work", { count }, queue);
    await worker.next("working");
    const { values } = await worker.next("handled");
    return ((await server.untilAllAcked()) - (values["firstAtMs"] ?? 0)) / 1_000;
  };
  await fillQueue(server.url, { queue: WARM_QUEUE, from: 0, count: warmUp });
  await workOff(WARM_QUEUE, warmUp);
  await fill(server.url, spread, { from: warmUp, count: n });
  const seconds = await workOff(BENCH_QUEUE, n);
  worker.tell("work");
  await checkDelivery(server, n + warmUp, await worker.next("closed"));
  await worker.ended();
  return n / seconds;
}

async function fill(
  url: string,
  spread: Spread | undefined,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<void> {
  if (spread === undefined) return fillQueue(url, { queue: BENCH_QUEUE, from, count });
  await using mesh = await connect({ servers: url });
  await mesh.queues.configure(BENCH_QUEUE, { lanes: spread.lanes });
  const task = defineTask<NoopInput, number>({
    name: noop.name,
    queue: BENCH_QUEUE,
    key: ({ index }) => `key ${index % spread.keys}`,
  });
  await mesh.enqueueMany(
    task,
    Array.from({ length: count }, (_, index) => noopInput(from + index)),
  );
}
