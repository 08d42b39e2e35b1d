import { EXIT, type CommandDeps } from "../command-deps.ts";
import type { ConnectionFlags, JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { tellDefinition } from "../queues/tell-definition.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel queues pause`. */
export interface QueuesPauseFlags extends ConnectionFlags, JsonFlag {
  readonly until?: string;
  /** Milliseconds. */
  readonly for?: number;
  readonly reason?: string;
  readonly by?: string;
}

/** Let no run of `queue` start. */
export async function queuesPause(
  queue: string,
  flags: QueuesPauseFlags,
  deps: CommandDeps,
): Promise<number> {
  const { reason, by } = flags;
  const until = flags.for === undefined ? flags.until : new Date(Date.now() + flags.for);
  const options = defined({ until, reason, by });
  return withClient({ flags, options: { provision: false } }, deps, async ({ queues }) => {
    tellDefinition(await queues.pause(queue, options), flags, deps);
    return EXIT.ok;
  });
}
