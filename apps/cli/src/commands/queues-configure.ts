import { EXIT, type CommandDeps } from "../command-deps.ts";
import type { ConnectionFlags, JsonFlag } from "../connection-flags.ts";
import { tellDefinition } from "../queues/tell-definition.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel queues configure`. */
export interface QueuesConfigureFlags extends ConnectionFlags, JsonFlag {
  readonly lanes: number;
}

/** Set how many lanes `queue` has. */
export async function queuesConfigure(
  queue: string,
  flags: QueuesConfigureFlags,
  deps: CommandDeps,
): Promise<number> {
  // Before the first worker there may be no streams: whoever comes first makes them.
  return withClient({ flags, options: {} }, deps, async ({ queues }) => {
    tellDefinition(await queues.configure(queue, { lanes: flags.lanes }), flags, deps);
    return EXIT.ok;
  });
}
