import { connect, type Mesh } from "@umbel/client";
import type { LedgerEntry } from "../run-ledger.ts";
import type { RunFact } from "./findings.ts";
import type { Notices } from "./notices.ts";

/** How many runs are asked for at a time. */
const AT_ONCE = 64;

/** What {@link gatherFacts} looks at. */
export interface Sources {
  readonly servers: string;
  /** Every run that was acknowledged. */
  readonly entries: readonly LedgerEntry[];
  readonly notices: Notices;
}

/** Ask the store, over a fresh connection, for each run that was acknowledged. @throws UmbelError */
export async function gatherFacts({ servers, entries, notices }: Sources): Promise<readonly RunFact[]> {
  await using mesh = await connect({ servers, provision: false });
  const facts: RunFact[] = [];
  for (let first = 0; first < entries.length; first += AT_ONCE) {
    const some = entries.slice(first, first + AT_ONCE);
    facts.push(...(await Promise.all(some.map((entry) => factOf(entry, mesh, notices)))));
  }
  return facts;
}

async function factOf({ id, kind }: LedgerEntry, mesh: Mesh, notices: Notices): Promise<RunFact> {
  const { state, attempt = 0 } = await mesh.run(id).info();
  const { outcomes } = notices.of(id);
  return { id, kind, state, attempt, outcomes, deadLettered: notices.deadLetters.has(id) };
}
