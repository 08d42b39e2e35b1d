import { inspectConsumers } from "@umbel/broker";
import { DEFAULT_QUEUE, UmbelError } from "@umbel/protocol";
import type { CommandDeps } from "../command-deps.ts";
import type { ConnectionFlags } from "../connection-flags.ts";
import { withBroker } from "../with-client.ts";

/** Where a run was enqueued, and how to get there. */
export interface UnservedFlags extends ConnectionFlags {
  readonly queue?: string;
}

/**
 * Warn when no worker has ever served the queue of a run: a caller who knows a task by its name only does not
 * know its queue, and the run would wait for ever. Says nothing when this user may not look.
 */
export async function warnIfUnserved(flags: UnservedFlags, deps: CommandDeps): Promise<void> {
  const { queue = DEFAULT_QUEUE } = flags;
  const served = await servedQueues(flags, deps);
  if (served === undefined || served.includes(queue)) return;
  const { err } = deps.terminal;
  const others = served.length === 0 ? "" : ` Served are: ${served.join(", ")}; --queue names another.`;
  err.line(`${err.paint("warning", "warning:")} no worker has ever served the queue "${queue}".${others}`);
}

async function servedQueues(
  flags: ConnectionFlags,
  deps: CommandDeps,
): Promise<readonly string[] | undefined> {
  try {
    const consumers = await withBroker(flags, deps, inspectConsumers);
    return [...new Set(consumers.flatMap(({ queue }) => queue ?? []))];
  } catch (error) {
    if (UmbelError.is(error)) return undefined;
    throw error;
  }
}
