import type { DeadLetterGroups, DeadLetterInfo, DeadLetterSelection, Mesh } from "@umbel/client";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { deadFilter, type DeadFilterFlags } from "../dead-filter.ts";
import { interruptible } from "../interrupt.ts";
import { groupsText, lettersText } from "../output/dead-text.ts";
import { groupJson, letterJson } from "../output/dead-json.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel dead list`. */
export interface DeadListFlags extends ConnectionFlags, JsonFlag, DeadFilterFlags {
  readonly group?: boolean;
  readonly limit: number;
  readonly after?: string;
}

/** List dead letters, or count them by the kind of their error. */
export async function deadList(flags: DeadListFlags, deps: CommandDeps): Promise<number> {
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const filter = deadFilter(flags);
    if (flags.group === true) {
      const query = flags.after === undefined ? filter : { ...filter, after: flags.after };
      tellGroups(await mesh.deadLetters.groups(query), flags, deps);
    } else {
      const found = await interruptible((signal) => collect(mesh, filter, { ...flags, signal }));
      tellLetters(found, flags, deps);
    }
    return EXIT.ok;
  });
}

interface Found {
  readonly letters: readonly DeadLetterInfo[];
  readonly after: string | undefined;
}

// A page may hold fewer than it could, even none, and not be the last.
async function collect(
  mesh: Mesh,
  filter: DeadLetterSelection,
  {
    limit,
    signal,
    ...start
  }: { readonly limit: number; readonly signal: AbortSignal; readonly after?: string },
): Promise<Found> {
  const letters: DeadLetterInfo[] = [];
  let { after } = start;
  do {
    signal.throwIfAborted();
    const rest = { ...filter, limit: limit - letters.length };
    const page = await mesh.deadLetters.list(after === undefined ? rest : { ...rest, after });
    letters.push(...page.letters);
    ({ after } = page);
  } while (after !== undefined && letters.length < limit);
  return { letters, after };
}

function tellLetters({ letters, after }: Found, flags: DeadListFlags, deps: CommandDeps): void {
  const { out, err } = deps.terminal;
  if (wantsJson(flags, deps.env))
    return out.line(JSON.stringify({ letters: letters.map(letterJson), after }));
  if (letters.length === 0) err.line("No dead letters match.");
  else out.line(lettersText(letters, { paint: out.paint, now: Date.now() }));
  tellMore(after, deps);
}

function tellGroups(found: DeadLetterGroups, flags: DeadListFlags, deps: CommandDeps): void {
  const { groups, scanned, after } = found;
  const { out, err } = deps.terminal;
  if (wantsJson(flags, deps.env))
    return out.line(JSON.stringify({ groups: groups.map(groupJson), scanned, after }));
  if (groups.length === 0) err.line("No dead letters match.");
  else out.line(groupsText(groups, { paint: out.paint, now: Date.now() }));
  tellMore(after, deps);
}

function tellMore(after: string | undefined, { terminal: { err } }: CommandDeps): void {
  if (after !== undefined) err.line(err.paint("quiet", `There may be more: add --after ${after}`));
}
