import { invalidArgument } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { connectionOptions, type ConnectionFlags } from "../connection-flags.ts";
import { Interrupted, interruptible } from "../interrupt.ts";
import { isKeyboard } from "../top/keyboard.ts";
import { LiveView } from "../top/live-view.ts";
import { userName } from "../user-name.ts";
import { withBroker, withClient } from "../with-client.ts";

/** The flags of `umbel top`. */
export interface TopFlags extends ConnectionFlags {
  /** Milliseconds between two looks. @default 1000 */
  readonly interval?: number;
}

const INTERVAL_MS = 1_000;

/** Show queues, workers, runs and dead letters, live, until the user quits. */
export async function top(flags: TopFlags, deps: CommandDeps): Promise<number> {
  const { terminal, stdin, env } = deps;
  if (!terminal.out.interactive || !isKeyboard(stdin)) {
    throw invalidArgument({
      field: "umbel top",
      received: "a file or another program",
      expected: "a terminal with a keyboard",
      fix: "For programs there are umbel queues list --json, umbel runs --json and umbel events --json.",
    });
  }
  const { servers = "nats://127.0.0.1:4222" } = connectionOptions(flags, env);
  const show = (signal: AbortSignal): Promise<void> =>
    withBroker(flags, deps, (broker) =>
      withClient({ flags, options: { provision: false } }, deps, (mesh) => {
        const { mesh: name, serverVersion } = broker;
        const target = { mesh: name, servers: String(servers), serverVersion };
        const view = { broker, mesh, target, out: terminal.out, keyboard: stdin, by: userName() };
        return new LiveView({ ...view, intervalMs: flags.interval ?? INTERVAL_MS }).show(signal);
      }),
    );
  try {
    await interruptible(show);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
  return EXIT.ok;
}
