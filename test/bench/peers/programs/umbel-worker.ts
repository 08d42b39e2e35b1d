import { handle, startWorker, type Worker } from "@umbel/worker";
import { benchLogger } from "../../ours/bench-logger.ts";
import { serveWorker } from "../../processes/worker-side.ts";
import { noop } from "../../work/tasks.ts";
import type { MatchInput } from "./driver.ts";
import { startTracing } from "./tracing.ts";

await serveWorker(async ({ url, width, variant }, mark) => {
  if (variant === "traced") startTracing();
  const handler = handle(noop, async (input: MatchInput) => {
    mark(input.index, input);
    return input.index;
  });
  const servers = url.split(",");
  const options = { servers, handlers: [handler], concurrency: width, logger: benchLogger() };
  let worker: Worker | undefined;
  return {
    work: async (queue) => {
      worker = await startWorker({ ...options, queues: [queue] });
    },
    // It takes until its last poll has expired, and hardly anything else: nobody waits for that.
    stop: async () => void worker?.stop(),
    close: async () => undefined,
  };
});
