import { EXIT, type CommandDeps } from "../command-deps.ts";
import type { ConnectionFlags, JsonFlag } from "../connection-flags.ts";
import { tellDefinition } from "../queues/tell-definition.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel queues resume`. */
export interface QueuesResumeFlags extends ConnectionFlags, JsonFlag {}

/** Let the runs of `queue` start again. */
export async function queuesResume(
  queue: string,
  flags: QueuesResumeFlags,
  deps: CommandDeps,
): Promise<number> {
  return withClient({ flags, options: { provision: false } }, deps, async ({ queues }) => {
    tellDefinition(await queues.resume(queue), flags, deps);
    return EXIT.ok;
  });
}
