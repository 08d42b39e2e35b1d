import { Crew, type Child } from "../processes/crew.ts";
import type { Measure } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { BENCH_QUEUE, WARM_QUEUE } from "../work/tasks.ts";
import { checkDelivery } from "./check-delivery.ts";
import { fillQueue, type Filling } from "./fill-queue.ts";
import { WORKERS } from "./workers.ts";

const WARM_UP = 80_000;

/**
 * Measure one worker process with `slots` slots on a full queue: from the call of the first handler until the
 * last run is acked, which it is only after its outcome is stored.
 */
export function measureWorker(slots: number): Measure {
  return async ({ side, n, syncInterval, profileDir }) => {
    const warmUp = Math.min(WARM_UP, 2 * n);
    await using server = await BenchServer.start(syncInterval);
    await using crew = new Crew();
    const settings = { url: server.url, n, warmUp, width: slots };
    const worker = crew.start(WORKERS[side], { settings, profileDir });
    await workOff(server, worker, { queue: WARM_QUEUE, from: 0, count: warmUp });
    const seconds = await workOff(server, worker, { queue: BENCH_QUEUE, from: warmUp, count: n });
    worker.tell("work");
    await checkDelivery(server, n + warmUp, await worker.next("closed"));
    await worker.ended();
    return { rate: n / seconds };
  };
}

async function workOff(server: BenchServer, worker: Child, filling: Filling): Promise<number> {
  await fillQueue(server.url, filling);
  worker.tell("work", { count: filling.count }, filling.queue);
  await worker.next("working");
  const { values } = await worker.next("handled");
  const ackedAtMs = await server.untilAllAcked();
  return (ackedAtMs - (values["firstAtMs"] ?? 0)) / 1_000;
}
