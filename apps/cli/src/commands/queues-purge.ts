import { countWaiting, inspectConsumers, QueueConfigs } from "@umbel/broker";
import type { CancelSummary } from "@umbel/client";
import { checkQueueName, invalidArgument, nearestName } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { confirm, type YesFlag } from "../confirm.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { interruptible } from "../interrupt.ts";
import { counted } from "../output/counted.ts";
import { createProgress } from "../output/progress.ts";
import { purgePlan, purgeQuestion, type PurgePlan } from "../queues/purge-plan.ts";
import { reportQueues } from "../queues/queue-report.ts";
import { userName } from "../user-name.ts";
import { withBroker, withClient } from "../with-client.ts";

/** The flags of `umbel queues purge`. */
export interface QueuesPurgeFlags extends ConnectionFlags, JsonFlag, YesFlag {
  readonly reason?: string;
  readonly by?: string;
}

/** Cancel every run of `queue` that waits. Those that workers hold are left alone. */
export async function queuesPurge(
  queue: string,
  flags: QueuesPurgeFlags,
  deps: CommandDeps,
): Promise<number> {
  checkQueueName(queue, "<queue>");
  const plan = await scan(queue, flags, deps);
  if (plan.total > 0 && !(await confirm(purgeQuestion(queue, plan), flags, deps))) return EXIT.failed;
  const summary = plan.total === 0 ? NOTHING : await purge(queue, plan, { flags, deps });
  const { out, err } = deps.terminal;
  if (wantsJson(flags, deps.env)) out.line(JSON.stringify({ queue, found: plan, ...summary }));
  else {
    out.line(`${counted(summary.cancelled, "run is cancelled", "runs are cancelled")} in ${queue}`);
    if (summary.ended > 0) err.line(`${counted(summary.ended, "had", "had")} ended meanwhile`);
  }
  return EXIT.ok;
}

const NOTHING = { cancelled: 0, ended: 0 };

// Of a name that nobody uses nothing would be found, and whoever misspelt it would be content.
async function scan(queue: string, flags: QueuesPurgeFlags, deps: CommandDeps): Promise<PurgePlan> {
  return withBroker(flags, deps, async (connection) => {
    const [configs, consumers, waiting] = await Promise.all([
      new QueueConfigs(connection).list(),
      inspectConsumers(connection),
      countWaiting(connection),
    ]);
    const queues = reportQueues({ configs, consumers, counts: waiting.queues, now: Date.now() });
    const report = queues.find((known) => known.queue === queue);
    const stored = waiting.queues.find((known) => known.queue === queue);
    if (report !== undefined) return purgePlan(report, stored, waiting.complete);
    const names = queues.map((known) => known.queue);
    const nearest = nearestName(queue, names);
    throw invalidArgument({
      field: "<queue>",
      received: queue,
      expected: names.length === 0 ? "a queue, and there are none yet" : `one of ${names.join(", ")}`,
      ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
    });
  });
}

async function purge(
  queue: string,
  { total }: PurgePlan,
  { flags, deps }: { readonly flags: QueuesPurgeFlags; readonly deps: CommandDeps },
): Promise<Pick<CancelSummary, "cancelled" | "ended">> {
  const { reason = "the queue was purged", by = userName() } = flags;
  const progress = createProgress(deps.terminal.err, { what: "cancelled", total });
  return withClient({ flags, options: { provision: false } }, deps, (mesh) =>
    interruptible(async (signal) => {
      const { cancelled, ended } = await mesh.cancelMatching(
        { queue, state: ["scheduled", "queued", "retrying"] },
        {
          signal,
          reason,
          by,
          onProgress: (count) => progress.tell(count.cancelled + count.ended),
        },
      );
      return { cancelled, ended };
    }).finally(() => progress.end()),
  );
}
