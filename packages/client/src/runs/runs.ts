import type { BrokerConnection } from "@umbel/broker";
import {
  checkLimit,
  fillPage,
  formatCursor,
  MAX_SCANNED,
  parseCursor,
  type FilledPage,
} from "../fill-page.ts";
import type { RunInfo } from "../run-info.ts";
import { EndedRuns } from "./ended-runs.ts";
import { OpenRuns } from "./open-runs.ts";
import { runPhases, type RunPhase } from "./run-phases.ts";
import { resolveQuery, type ResolvedFilter, type RunQuery } from "./run-query.ts";

/** Some runs. */
export interface RunPage {
  readonly runs: readonly RunInfo[];
  /** Where the next page begins; `undefined` when there is none. A page may hold few runs, even none, and have one. */
  readonly after: string | undefined;
}

/** What listings need. */
export interface RunsDeps {
  readonly connection: BrokerConnection;
  readonly now: () => number;
}

/** The runs of a mesh. Made by the mesh: `mesh.runs`. */
export class Runs {
  readonly #deps: RunsDeps;

  constructor(deps: RunsDeps) {
    this.#deps = deps;
  }

  /**
   * Some runs: first those that have not ended, in the order in which they came to where they wait; then those
   * that have, in that order, for as long as their outcomes are kept.
   *
   * One page reads at most 1000 messages of a stream, or 12 MB, and for those that have not ended their records
   * as well: however many runs there are. `queue` and `task` narrow what is read of runs that have not ended, and
   * `since` of all; the other filters only what is given. While pages are read, a run may move to where it is
   * met again (it becomes due, is tried again, ends), and none is missed. `running` is approximate: a worker was
   * given the run, and has not said since that it did not begin it. On a cluster what changed a moment ago may
   * still be seen as it was.
   *
   * @throws UmbelError `invalid_argument`; `permission_denied`, `broker_unavailable`.
   */
  async list(query: RunQuery = {}): Promise<RunPage> {
    const { connection, now } = this.#deps;
    const filter = resolveQuery(query, now());
    const limit = checkLimit(query.limit, "limit");
    const phases = runPhases(connection.mesh, filter);
    const kinds = phases.map(({ kind }) => kind);
    const from = query.after === undefined ? undefined : parseCursor(query.after, kinds, "after");
    const first = kinds.findIndex((kind) => from === undefined || kind === from.kind);
    return this.#fill(phases.slice(first), { filter, limit, after: from?.sequence ?? 0 });
  }

  async #fill(
    phases: readonly RunPhase[],
    {
      filter,
      limit,
      after,
    }: { readonly filter: ResolvedFilter; readonly limit: number; readonly after: number },
  ): Promise<RunPage> {
    const runs: RunInfo[] = [];
    let scan = MAX_SCANNED;
    let start = after;
    for (const phase of phases) {
      if (runs.length >= limit || scan <= 0) return { runs, after: formatCursor(phase.kind, start) };
      const page = await this.#page(phase, filter, { after: start, limit: limit - runs.length, scan });
      runs.push(...page.entries);
      if (!page.done) return { runs, after: formatCursor(phase.kind, page.after) };
      scan -= page.scanned;
      start = 0;
    }
    return { runs, after: undefined };
  }

  #page(
    phase: RunPhase,
    filter: ResolvedFilter,
    bounds: { readonly after: number; readonly limit: number; readonly scan: number },
  ): Promise<FilledPage<RunInfo>> {
    const { connection } = this.#deps;
    return phase.kind === "r"
      ? fillPage(new EndedRuns(connection, filter), bounds)
      : fillPage(new OpenRuns(connection, phase, filter), bounds);
  }
}
