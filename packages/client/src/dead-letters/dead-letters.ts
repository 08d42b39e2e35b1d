import { findDeadLetter, readDeadLetters, removeDeadLetter, type StoredDeadLetter } from "@umbel/broker";
import { checkFields, checkRunId, checkWholeNumber, deadLetterFilter } from "@umbel/protocol";
import type { AuditedResult } from "../audit/audit-log.ts";
import { forEachOf } from "../bulk.ts";
import { checkLimit, fillPage, formatCursor, parseCursor, type PageSource } from "../fill-page.ts";
import type { RunHandle } from "../run-handle.ts";
import {
  checkDeadLetterFilter,
  checkSelection,
  isMeant,
  looksInside,
  type DeadLetterFilter,
  type DeadLetterSelection,
} from "./dead-letter-filter.ts";
import {
  describeLetter,
  describeLetterWhole,
  type DeadLetterDetails,
  type DeadLetterInfo,
} from "./dead-letter-info.ts";
import { LetterGroups, type DeadLetterGroup } from "./group-letters.ts";
import { inputObstacle, redrivable } from "./plan-redrive.ts";
import { checkRedriveOptions, type DeadLetterBulkOptions, type RedriveOptions } from "./redrive-options.ts";
import { noDeadLetter, notRedrivable, redriveLetter, type RedriveDeps } from "./redrive.ts";
import { lettersByFilter, lettersById, type Selected } from "./select-letters.ts";
import { Tally, type DeadLetterSummary } from "./tally.ts";

/** Which dead letters are listed, and how many at a time. */
export interface DeadLetterQuery extends DeadLetterFilter {
  /** At most this many, 1 to 1000. @default 100 */
  readonly limit?: number;
  /** Go on behind a page: its `after`. */
  readonly after?: string;
}

/** Some dead letters, the oldest first. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetterInfo[];
  /** Where the next page begins; `undefined` when there is none. A page may hold few letters, even none, and have one. */
  readonly after: string | undefined;
}

/** Which dead letters are counted. */
export interface DeadLetterGroupQuery extends DeadLetterFilter {
  /** Read at most this many, 1 to 100,000. @default 10_000 */
  readonly scan?: number;
  /** Go on behind what an earlier call has read: its `after`. */
  readonly after?: string;
}

/** Dead letters by the kind of their last error. */
export interface DeadLetterGroups {
  /** The largest first. */
  readonly groups: readonly DeadLetterGroup[];
  /** How many letters were read. */
  readonly scanned: number;
  /** Where more of them are; `undefined` when all were read. */
  readonly after: string | undefined;
}

const CURSOR = "d";
const DEFAULT_SCAN = 10_000;
const MAX_SCAN = 100_000;
const CONCURRENCY = 16;

/** The runs of a mesh that will not be tried again, kept for 30 days. Made by the mesh: `mesh.deadLetters`. */
export class DeadLetters {
  readonly #deps: RedriveDeps;

  constructor(deps: RedriveDeps) {
    this.#deps = deps;
  }

  /**
   * Some dead letters, the oldest first. Reads no more than 1000 of them, or 12 MB, however many there are:
   * `queue` and `task` narrow what is read, the other filters only what is given.
   *
   * @throws UmbelError `invalid_argument`; `permission_denied`, `broker_unavailable`.
   */
  async list(query: DeadLetterQuery = {}): Promise<DeadLetterPage> {
    const filter = checkDeadLetterFilter(query, "list", ["limit", "after"]);
    const limit = checkLimit(query.limit, "limit");
    const page = await fillPage(this.#source(filter, describeLetter), { after: startOf(query.after), limit });
    return { letters: page.entries, after: endOf(page) };
  }

  /**
   * Dead letters counted by the kind of their last error: its name, its code, its message without what differs
   * from run to run, and the function that it was thrown in.
   *
   * @throws as {@link list} does.
   */
  async groups(query: DeadLetterGroupQuery = {}): Promise<DeadLetterGroups> {
    const filter = checkDeadLetterFilter(query, "groups", ["scan", "after"]);
    const range = { least: 1, most: MAX_SCAN };
    const scan = query.scan === undefined ? DEFAULT_SCAN : checkWholeNumber(query.scan, "scan", range);
    const groups = new LetterGroups();
    const source = this.#source(filter, (stored) => groups.add(stored));
    let after = startOf(query.after);
    for (let scanned = 0; ;) {
      const page = await fillPage(source, { after, limit: scan, scan: Math.min(1_000, scan - scanned) });
      scanned += page.scanned;
      ({ after } = page);
      if (page.done || scanned >= scan) return { groups: groups.largestFirst, scanned, after: endOf(page) };
    }
  }

  /** All of one dead letter. @throws UmbelError `run_unknown` when the run has none; as {@link list} does */
  async show(runId: string): Promise<DeadLetterDetails> {
    const stored = await this.#find(runId);
    const dead = redrivable(stored);
    const obstacle = "obstacle" in dead ? dead.obstacle : inputObstacle(dead.letter);
    return describeLetterWhole(stored, obstacle);
  }

  /**
   * Put a dead run back to work, as a new run that says whose repetition it is, and remove the letter. However
   * often and by whomever a letter is redriven, crashes included, it gives one run.
   *
   * Given a run id, resolves to the new run. Given ids, or a filter, deals with one letter after another,
   * several at a time, and resolves to what became of them; letters that come while it lasts are left alone.
   *
   * @throws UmbelError `run_unknown` when the run has no letter, `undecodable` when it cannot be redriven (of
   * many, they are counted); `invalid_argument`; why the broker refused: calling again goes on.
   */
  redrive(runId: string, options?: RedriveOptions): Promise<RunHandle<unknown>>;
  redrive(
    selection: readonly string[] | DeadLetterSelection,
    options?: RedriveOptions,
  ): Promise<DeadLetterSummary>;
  async redrive(
    which: string | readonly string[] | DeadLetterSelection,
    options: RedriveOptions = {},
  ): Promise<RunHandle<unknown> | DeadLetterSummary> {
    const resolved = checkRedriveOptions(options, typeof which === "string");
    const { audit } = this.#deps;
    if (typeof which === "string") {
      const what = { action: "dead.redrive", target: { runId: checkRunId(which) } } as const;
      return audit.record(what, async () => {
        const result = await redriveLetter(await this.#find(which), resolved, this.#deps);
        if (result.kind === "refused") throw notRedrivable(which, result.why);
        return { value: result.run, result: { runId: result.run.id } };
      });
    }
    const selected = this.#select(which, "redrive");
    const limits = { ...options, intervalMs: resolved.intervalMs };
    return audit.record({ action: "dead.redrive", target: selectionTarget(which) }, async () =>
      summed(
        await this.#forEach(selected, limits, async (stored, tally) => {
          const result = await redriveLetter(stored, resolved, this.#deps);
          if (result.kind === "refused") return tally.refused(stored.runId, result.why);
          tally.done(result.existed);
          options.onRun?.(result.run, stored.runId);
        }),
      ),
    );
  }

  /**
   * Remove dead letters for good: one by its run id, or those of a selection, as {@link redrive} takes them.
   *
   * @throws as {@link redrive} does.
   */
  discard(runId: string, options?: DeadLetterBulkOptions): Promise<void>;
  discard(
    selection: readonly string[] | DeadLetterSelection,
    options?: DeadLetterBulkOptions,
  ): Promise<DeadLetterSummary>;
  async discard(
    which: string | readonly string[] | DeadLetterSelection,
    options: DeadLetterBulkOptions = {},
  ): Promise<DeadLetterSummary | void> {
    checkFields(options, "discard", ["signal", "onProgress"]);
    const { connection, audit } = this.#deps;
    if (typeof which === "string") {
      const what = { action: "dead.discard", target: { runId: checkRunId(which) } } as const;
      return audit.record(what, async () => {
        await removeDeadLetter(connection, (await this.#find(which)).sequence);
        return { value: undefined, result: { done: 1 } };
      });
    }
    const selected = this.#select(which, "discard");
    return audit.record({ action: "dead.discard", target: selectionTarget(which) }, async () =>
      summed(
        await this.#forEach(selected, options, async ({ runId, sequence }, tally) => {
          if (await removeDeadLetter(connection, sequence)) tally.done(false);
          else tally.missing(runId);
        }),
      ),
    );
  }

  async #forEach(
    letters: AsyncIterable<Selected>,
    options: DeadLetterBulkOptions & { readonly intervalMs?: number | undefined },
    work: (stored: StoredDeadLetter, tally: Tally) => Promise<void>,
  ): Promise<DeadLetterSummary> {
    const { signal, intervalMs, onProgress } = options;
    const tally = new Tally(onProgress);
    const limits = { concurrency: CONCURRENCY, signal, intervalMs };
    await forEachOf(
      letters,
      async ({ runId, stored }) => {
        if (stored === undefined) tally.missing(runId);
        else await work(stored, tally);
      },
      limits,
    );
    return tally.summary;
  }

  #select(which: readonly string[] | DeadLetterSelection, what: string): AsyncIterable<Selected> {
    const { connection } = this.#deps;
    if (!isList(which)) return lettersByFilter(connection, checkSelection(which, what));
    const runIds = which.map((runId, index) => checkRunId(runId, `${what}[${index}]`));
    return lettersById(connection, [...new Set(runIds)]);
  }

  async #find(runId: string): Promise<StoredDeadLetter> {
    const stored = await findDeadLetter(this.#deps.connection, checkRunId(runId));
    if (stored === undefined) throw noDeadLetter(runId);
    return stored;
  }

  #source<Entry>(
    filter: DeadLetterFilter,
    toEntry: (stored: StoredDeadLetter) => Entry,
  ): PageSource<StoredDeadLetter & { readonly bytes: number }, Entry> {
    const { connection } = this.#deps;
    const subjects = deadLetterFilter(connection.mesh, filter.queue, filter.task);
    return {
      exact: !looksInside(filter),
      read: async (after, limit) => {
        const { letters, more } = await readDeadLetters(connection, { filter: subjects, after, limit });
        return { items: letters.map(withBytes), more };
      },
      select: (items) =>
        Promise.resolve(items.map((stored) => (isMeant(filter, stored) ? toEntry(stored) : undefined))),
    };
  }
}

const MOST_NAMED = 100;

function selectionTarget(which: readonly string[] | DeadLetterSelection): Readonly<Record<string, unknown>> {
  return isList(which) ? { runIds: which.slice(0, MOST_NAMED), count: which.length } : { filter: which };
}

function summed(value: DeadLetterSummary): AuditedResult<DeadLetterSummary> {
  const { done, existed, refused, missing } = value;
  return { value, result: { done, existed, refused, missing } };
}

function withBytes(stored: StoredDeadLetter): StoredDeadLetter & { readonly bytes: number } {
  return { ...stored, bytes: stored.letter?.body.byteLength ?? 0 };
}

function isList(which: readonly string[] | DeadLetterSelection): which is readonly string[] {
  return Array.isArray(which);
}

function startOf(after: string | undefined): number {
  return after === undefined ? 0 : parseCursor(after, [CURSOR], "after").sequence;
}

function endOf({ done, after }: { readonly done: boolean; readonly after: number }): string | undefined {
  return done ? undefined : formatCursor(CURSOR, after);
}
