import { countWaiting, inspectConsumers, QueueConfigs } from "@umbel/broker";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { isoTime } from "../output/time.ts";
import { reportQueues, type QueueReport } from "../queues/queue-report.ts";
import { queuesText } from "../queues/queues-text.ts";
import { withBroker } from "../with-client.ts";

/** The flags of `umbel queues list`. */
export interface QueuesListFlags extends ConnectionFlags, JsonFlag {}

/** Show every queue with what waits and runs in it. */
export async function queuesList(flags: QueuesListFlags, deps: CommandDeps): Promise<number> {
  const { out, err } = deps.terminal;
  await withBroker(flags, deps, async (connection) => {
    const [configs, consumers, waiting] = await Promise.all([
      new QueueConfigs(connection).list(),
      inspectConsumers(connection),
      countWaiting(connection),
    ]);
    const now = Date.now();
    const queues = reportQueues({ configs, consumers, counts: waiting.queues, now });
    if (wantsJson(flags, deps.env)) out.line(JSON.stringify({ queues: queues.map(queueJson) }));
    else out.line(queuesText(queues, { paint: out.paint, now }));
    if (!waiting.complete)
      err.line("there are more than 100000 runs: delayed and retrying ones were not all counted");
  });
  return EXIT.ok;
}

function queueJson({ paused, ...rest }: QueueReport): unknown {
  if (paused === undefined) return rest;
  return { ...rest, paused: { ...paused, at: isoTime(paused.at), until: isoTime(paused.until) } };
}
