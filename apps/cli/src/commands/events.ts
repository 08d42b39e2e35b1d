import { checkEventType, type EventOptions, type MeshEvent } from "@umbel/client";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { interruptible } from "../interrupt.ts";
import { renderJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatDuration, formatMoment } from "../output/time.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel events`. */
export interface EventsFlags extends ConnectionFlags, JsonFlag {
  /** In milliseconds. */
  readonly since?: number;
  readonly type?: readonly string[];
  readonly task?: string;
  readonly queue?: string;
  readonly run?: string;
}

/** Write the events of the mesh as they come, one a line, until Ctrl-C. */
export async function events(flags: EventsFlags, deps: CommandDeps): Promise<number> {
  const { terminal, env } = deps;
  const json = wantsJson(flags, env);
  const filter = filterOf(flags);
  const target = { flags, options: { provision: false, events: false } } as const;
  await withClient(target, deps, (mesh) =>
    interruptible(async (signal) => {
      for await (const event of mesh.events({ ...filter, signal })) {
        terminal.out.line(json ? renderJson(event) : eventLine(event, terminal));
      }
    }),
  );
  return EXIT.ok;
}

function filterOf({ since, type, task, queue, run }: EventsFlags): EventOptions {
  const types = type?.map((each) => checkEventType(each, "--type"));
  return defined({ since, types, task, queue, runId: run });
}

/** One event for people: when, what, which run, by whom, and what else it says. */
export function eventLine(event: MeshEvent, { out }: Pick<Terminal, "out">): string {
  const { v: _, type, at, worker, client, ...rest } = event;
  const by = worker === undefined ? `client ${client ?? "?"}` : `worker ${worker}`;
  const said = Object.entries(rest).map(([name, value]) => `${name}=${textOf(name, value)}`);
  const when = out.paint("quiet", formatMoment(at));
  return `${when}  ${out.paint("strong", type)}  ${printable(said.join(" "))}  ${out.paint("quiet", printable(by))}`;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === "number" && name.endsWith("Ms")) return formatDuration(value).replaceAll(" ", "");
  return typeof value === "string" ? value : renderJson(value);
}
