import { connect } from "@umbel/client";
import type { OpenDriver } from "./driver.ts";
import { serveDriver } from "./serve-driver.ts";
import { noop } from "../../work/tasks.ts";
import { startTracing } from "./tracing.ts";

export const open: OpenDriver = async ({ url, queue, variant }) => {
  if (variant === "traced") startTracing();
  const mesh = await connect({ servers: url.split(",") });
  const atomic = variant === "atomic";
  // No options where there is nothing to say: most calls of users have none.
  const options = queue === noop.queue ? undefined : { queue };
  const bulkOptions = { ...options, ...(atomic ? { atomic } : {}) };
  return {
    add: (input) => mesh.enqueue(noop, input, options),
    addMany: (inputs) => mesh.enqueueMany(noop, inputs, bulkOptions),
    // A batch that is atomic holds 1,000.
    bulk: atomic ? { size: 1_000, lanes: 4 } : { size: 100_000, lanes: 1 },
    call: async (input) => (await mesh.enqueue(noop, input, options)).result(),
    callMany: async (inputs) => {
      const runs = await mesh.enqueueMany(noop, inputs, options);
      return Promise.all(runs.map((run) => run.result()));
    },
    addAt: (input, dueAt) => mesh.enqueue(noop, input, { at: new Date(dueAt), ...options }),
    close: () => mesh.close(),
  };
};

if (import.meta.main) await serveDriver(open);
