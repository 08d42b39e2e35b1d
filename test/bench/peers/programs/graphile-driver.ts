import { loadPeer } from "../install/load-peer.ts";
import { silent, type Graphile } from "./graphile-api.ts";
import type { OpenDriver } from "./driver.ts";
import { serveDriver } from "./serve-driver.ts";

// It keeps no results, so nothing here awaits one. What we call a queue is a task of its own.
export const open: OpenDriver = async ({ url, queue }) => {
  const graphile = await loadPeer<Graphile>("graphile-worker");
  const utils = await graphile.makeWorkerUtils({ connectionString: url, logger: silent(graphile) });
  return {
    add: (input) => utils.addJob(queue, input),
    addMany: (inputs) => utils.addJobs(inputs.map((payload) => ({ identifier: queue, payload }))),
    bulk: { size: 1_000, lanes: 4 },
    addAt: (input, dueAt) => utils.addJob(queue, input, { runAt: new Date(dueAt) }),
    close: () => utils.release(),
  };
};

if (import.meta.main) await serveDriver(open);
