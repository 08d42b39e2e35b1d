import { handle, startWorker } from "@umbel/worker";
import { Executions } from "../measure/executions.ts";
import { settledRssMb } from "../measure/memory.ts";
import { Leftovers } from "../processes/leftovers.ts";
import { joinParent } from "../processes/parent.ts";
import { noop } from "../work/tasks.ts";
import { benchLogger } from "./bench-logger.ts";

const parent = joinParent();
const { n, url, width } = parent.settings;
const executions = new Executions(n);
const leftovers = new Leftovers();
const handler = handle(noop, async ({ index }) => {
  executions.mark(index);
  return index;
});
const worker = await startWorker({
  servers: url,
  handlers: [handler],
  concurrency: width,
  logger: benchLogger(),
});

parent.tell("ready");
while ((await parent.next("continue")).text !== "end") parent.tell("sample", { rssMb: await settledRssMb() });
await worker.stop();
const left = await leftovers.list();
const { total, distinct } = executions;
parent.tell("closed", { leftovers: left.length, total, distinct }, left.join(", "));
parent.leave();
