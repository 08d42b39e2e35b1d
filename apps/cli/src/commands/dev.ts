import { relative } from "node:path";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { CONNECTION_VARIABLES, variableOf, wantsJson, type ConnectionFlags } from "../connection-flags.ts";
import { DevProcess } from "../dev/dev-process.ts";
import { FileWatch } from "../dev/file-watch.ts";
import { Latch } from "../dev/latch.ts";
import { reloadOnChange } from "../dev/reload.ts";
import { findModules } from "../find-module.ts";
import { defined } from "../input/defined.ts";
import { Interrupted, interruptible } from "../interrupt.ts";
import { serverEnd, startLocalServer, type LocalServerFlags } from "../local-server.ts";
import type { WorkerFlags } from "./worker.ts";

/** The flags of `umbel dev`. */
export interface DevFlags extends WorkerFlags, LocalServerFlags {}

/** Runs finish quickly when a module changes; what does not starts anew, as the same attempt. */
const DRAIN_MS = 1_000;
/** For the broker: a worker that had to be killed is not missed for long. */
const ACK_WAIT_MS = 5_000;
/** Beside the drain: aborting, handing back, saying goodbye. */
const GRACE_MS = 6_000;
const SETTLE_MS = 100;

/** Run a local server and a worker that starts anew on every change, until Ctrl-C. */
export async function dev(modules: readonly string[], flags: DevFlags, deps: CommandDeps): Promise<number> {
  const urls = (await findModules(modules, flags, deps.cwd)).map(String);
  try {
    return await interruptible(async (signal) => {
      if (flags.server !== undefined) return develop(urls, { flags, env: process.env }, { deps, signal });
      const running = await startLocalServer(flags, deps, signal);
      try {
        tell(`nats-server ${running.version} at ${running.url}`, { server: running.url }, { flags, deps });
        const target = localTarget(flags, running.url, deps);
        return await Promise.race([develop(urls, target, { deps, signal }), serverEnd(running)]);
      } finally {
        await running.stop();
      }
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    deps.terminal.err.line(error.message);
    return EXIT.ok;
  }
}

/** What workers are started with. */
interface Target {
  readonly flags: DevFlags;
  readonly env: NodeJS.ProcessEnv;
}

// Whatever is said elsewhere of servers and users is for the real ones.
function localTarget(flags: DevFlags, server: string, { env }: CommandDeps): Target {
  const { mesh = variableOf(env, CONNECTION_VARIABLES.mesh), ...rest } = flags;
  const ours: ConnectionFlags = defined({ server, mesh });
  const variables = new Set<string>(Object.values(CONNECTION_VARIABLES));
  const without = (from: object, names: ReadonlySet<string>): object =>
    Object.fromEntries(Object.entries(from).filter(([name]) => !names.has(name)));
  const kept = without(rest, new Set(Object.keys(CONNECTION_VARIABLES)));
  return {
    flags: { ackWait: ACK_WAIT_MS, port: flags.port, sync: flags.sync, ...kept, ...ours },
    env: { ...without(process.env, variables) },
  };
}

async function develop(
  modules: readonly string[],
  { flags, env }: Target,
  { deps, signal }: { readonly deps: CommandDeps; readonly signal: AbortSignal },
): Promise<never> {
  const { drainTimeout = DRAIN_MS } = flags;
  const changes = new Latch();
  using watch = new FileWatch((files) => changes.add(files), SETTLE_MS);
  const say = (text: string, fields: object): void => tell(text, fields, { flags, deps });
  if (flags.config !== undefined) watch.add(flags.config);
  return await reloadOnChange(
    {
      changes,
      start: () =>
        new DevProcess({
          start: { modules, flags: { ...flags, drainTimeout } },
          env,
          patienceMs: drainTimeout + GRACE_MS,
          onFile: (file) => watch.add(file),
        }),
      onEnded: (how) => say(`the worker has ended ${how}: waiting for a change`, { ended: how }),
      onChanged: (changed) => {
        const names = changed.map((file) => relative(deps.cwd, file));
        const again = changed.includes(flags.config ?? "") ? ", which is read when umbel dev starts" : "";
        say(`${names.join(", ")} has changed${again}: starting anew`, { changed: names });
      },
    },
    signal,
  );
}

function tell(
  text: string,
  fields: object,
  { flags, deps }: { readonly flags: DevFlags; readonly deps: CommandDeps },
): void {
  const { out, err } = deps.terminal;
  if (wantsJson(flags, deps.env)) return out.line(JSON.stringify({ event: "dev", ...fields }));
  err.line(`${err.paint("code", "umbel dev")}  ${text}`);
}
