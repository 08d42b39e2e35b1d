import { availableParallelism } from "node:os";
import { startWorker } from "@umbel/worker";
import { Executions } from "../measure/executions.ts";
import { loopDelayP99Ms, watchLoopDelay } from "../measure/loop-delay.ts";
import { joinParent } from "../processes/parent.ts";
import { EXECUTIONS_CHANNEL } from "../work/tasks.ts";
import { benchLogger } from "./bench-logger.ts";

const parent = joinParent();
const { n, url, warmUp } = parent.settings;
const executions = new Executions(n + warmUp);
const channel = new BroadcastChannel(EXECUTIONS_CHANNEL);
channel.addEventListener("message", (message) => executions.mark(Number(Reflect.get(message, "data"))));

const worker = await startWorker({
  servers: url,
  modules: [new URL("./burn-handler.ts", import.meta.url)],
  threads: availableParallelism(),
  logger: benchLogger(),
});
parent.tell("ready");
const delay = watchLoopDelay();
// Only its own turns count: in between, its loop has nothing to do.
for (;;) {
  delay.disable();
  const { on = 0 } = (await parent.next("watch")).values;
  if (on === 0) break;
  delay.enable();
  parent.tell("watching");
  await parent.next("rest");
}
const p99Ms = loopDelayP99Ms(delay);
await worker.stop();
const { total, distinct } = executions;
parent.tell("measured", { loopDelayP99Ms: p99Ms, total, distinct });
channel.close();
parent.leave();
