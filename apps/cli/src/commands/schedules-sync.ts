import type { SyncResult } from "@umbel/client";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { confirm, type YesFlag } from "../confirm.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { fields } from "../output/table.ts";
import { readDeclarations } from "../schedules/read-declarations.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel schedules sync`. */
export interface SchedulesSyncFlags extends ConnectionFlags, JsonFlag, YesFlag {
  readonly source: string;
  readonly remove?: boolean;
  readonly dryRun?: boolean;
  readonly by?: string;
}

/** Make the schedules in `file` those of the mesh. */
export async function schedulesSync(
  file: string,
  flags: SchedulesSyncFlags,
  deps: CommandDeps,
): Promise<number> {
  const declared = await readDeclarations(file, deps.cwd);
  const { source, remove = false, dryRun = false, by } = flags;
  const options = { source, ...defined({ by }) };
  return withClient({ flags, options: {} }, deps, async ({ schedules }) => {
    // Who is asked must know what for.
    const planned = await schedules.sync(declared, { ...options, dryRun: true });
    const deletes = remove && !dryRun && planned.removed.length > 0;
    const question = `Delete ${planned.removed.join(", ")}, which the list declares no more?`;
    if (deletes && !(await confirm(question, flags, deps))) return EXIT.failed;
    const result = dryRun ? planned : await schedules.sync(declared, { ...options, remove });
    tell(result, flags, deps);
    return EXIT.ok;
  });
}

function tell(result: SyncResult, flags: SchedulesSyncFlags, { env, terminal }: CommandDeps): void {
  const { out, err } = terminal;
  if (wantsJson(flags, env)) return out.line(JSON.stringify(result));
  const { created, updated, unchanged, edited, removed, deleted } = result;
  const list = (ids: readonly string[]): string | undefined =>
    ids.length === 0 ? undefined : ids.join(", ");
  const text = fields(
    [
      ["created", list(created)],
      ["updated", list(updated)],
      ["unchanged", list(unchanged)],
      ["edited since", list(edited)],
      [deleted ? "deleted" : "declared no more", list(removed)],
    ],
    (label) => out.paint("quiet", label),
  );
  out.line(text === "" ? "the list is empty, and so it was before" : text);
  if (flags.dryRun === true) err.line(err.paint("quiet", "Nothing was changed: this was a dry run."));
  else if (removed.length > 0 && !deleted) err.line(err.paint("quiet", "They go on; --remove deletes them."));
}
