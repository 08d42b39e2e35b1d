// Low runs without end, and now and then a few high ones: how long until those start.
import { connect } from "@umbel/client";
import { sleep } from "@umbel/runtime";
import { handle, startWorker } from "@umbel/worker";
import { percentile } from "../measure/statistics.ts";
import { joinParent } from "../processes/parent.ts";
import { ranked } from "../work/tasks.ts";
import { benchLogger } from "./bench-logger.ts";

const HIGH_RUNS = 10;
const LOTS = 20;
const REST_MS = 5;

const parent = joinParent();
const { n, url, width } = parent.settings;
await using mesh = await connect({ servers: url });
const order: string[] = [];
const waits: number[] = [];
let enqueuedAt = 0;
let lotDone = Promise.withResolvers<void>();

const handler = handle(ranked, async ({ priority }) => {
  order.push(priority);
  if (priority === "high") {
    waits.push(performance.now() - enqueuedAt);
    if (waits.length % HIGH_RUNS === 0) lotDone.resolve();
  }
  await sleep(REST_MS);
});
const low = Array.from({ length: n }, () => ({ priority: "low" }));
await mesh.enqueueMany(ranked, low, { priority: "low" });
const worker = await startWorker({
  servers: url,
  handlers: [handler],
  concurrency: width,
  logger: benchLogger(),
});
while (order.length < 10 * width) await sleep(1);

const overtaken: number[] = [];
const high = Array.from({ length: HIGH_RUNS }, () => ({ priority: "high" }));
for (let lot = 0; lot < LOTS; lot++) {
  lotDone = Promise.withResolvers();
  enqueuedAt = performance.now();
  await mesh.enqueueMany(ranked, high, { priority: "high" });
  const from = order.length;
  await lotDone.promise;
  const until = order.lastIndexOf("high");
  overtaken.push(order.slice(from, until).filter((priority) => priority === "low").length);
  await sleep(10 * REST_MS);
}
parent.tell("measured", {
  p50Ms: percentile(waits, 50),
  p99Ms: percentile(waits, 99),
  maxMs: percentile(waits, 100),
  mostLowBefore: Math.max(...overtaken),
  lowLeft: n - order.filter((priority) => priority === "low").length,
});
await parent.next("end");
await worker.stop();
await mesh.close();
parent.leave();
