// Delayed runs, and when their handlers start.
import { handle, startWorker } from "@umbel/worker";
import { Lateness } from "../measure/lateness.ts";
import { joinParent } from "../processes/parent.ts";
import { due } from "../work/tasks.ts";
import { benchLogger } from "./bench-logger.ts";

const parent = joinParent();
const { n, url, warmUp, width } = parent.settings;
// Those before the measured ones compile the code.
const lateness = [new Lateness(warmUp), new Lateness(n)] as const;
const handler = handle(due, async ({ dueAt, measured }) => {
  lateness[measured ? 1 : 0].note(dueAt, Date.now());
  return dueAt;
});
const worker = await startWorker({
  servers: url,
  handlers: [handler],
  concurrency: width,
  logger: benchLogger(),
});
parent.tell("ready");
await lateness[0].figures();
parent.tell("warm");
parent.tell("measured", await lateness[1].figures());
await parent.next("end");
await worker.stop();
parent.leave();
