import type { DeadLetterSelection, Mesh } from "@umbel/client";
import { checkRunId } from "@umbel/protocol";
import { deadFilter, type DeadFilterFlags } from "./dead-filter.ts";
import { counted } from "./output/counted.ts";
import { checkTarget, describeFilter } from "./selection.ts";

/** The dead letters that a command is about. */
export interface DeadSelection {
  readonly ids: readonly string[];
  readonly filter: DeadLetterSelection;
  /** What the mesh takes: the ids, or the filter. */
  readonly which: readonly string[] | DeadLetterSelection;
  /** For people, with how many there are if that is known: `3 dead letters`, `every dead letter with task "a"`. */
  describe(count?: number): string;
}

/** What a command line says of dead letters. @throws UmbelError `invalid_argument` unless it is ids or a filter */
export function selectDead(ids: readonly string[], flags: DeadFilterFlags): DeadSelection {
  const filter = deadFilter(flags);
  checkTarget(ids, filter, "<ids>");
  for (const id of ids) checkRunId(id, "<id>");
  return {
    ids,
    filter,
    which: ids.length > 0 ? ids : filter,
    describe: (count) => {
      if (ids.length > 0) return counted(ids.length, "dead letter", "dead letters");
      const every = describeFilter("every dead letter", filter);
      return count === undefined ? every : `${every} (${count})`;
    },
  };
}

/** How many letters are meant: those that the ids name, or those that match, which are read for it. @throws UmbelError */
export async function countDead(mesh: Mesh, { ids, filter: wanted }: DeadSelection): Promise<number> {
  if (ids.length > 0) return ids.length;
  // Here no filter means every letter.
  const { all: _, ...filter } = wanted;
  let count = 0;
  let after: string | undefined;
  do {
    const query = after === undefined ? filter : { ...filter, after };
    const page = await mesh.deadLetters.groups({ ...query, scan: SCAN });
    count += page.groups.reduce((sum, group) => sum + group.count, 0);
    ({ after } = page);
  } while (after !== undefined);
  return count;
}

const SCAN = 10_000;
