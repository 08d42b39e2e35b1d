import { handle, type Handler } from "@umbel/worker";
import { EXECUTIONS_CHANNEL } from "../work/tasks.ts";
import { burn } from "../work/burn.ts";
import { burning } from "../work/tasks.ts";

const executions = new BroadcastChannel(EXECUTIONS_CHANNEL);
executions.unref();

/** Computes for as long as its input says, and tells the worker's main thread that it was called. */
export const burnHandler: Handler = handle(burning, ({ index, iterations }) => {
  executions.postMessage(index);
  burn(iterations);
  return index;
});
