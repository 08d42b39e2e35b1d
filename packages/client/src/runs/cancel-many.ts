import { lastOfStream, type OpenRun } from "@umbel/broker";
import { checkFields, checkRunId, UmbelError } from "@umbel/protocol";
import type { AuditLog } from "../audit/audit-log.ts";
import { forEachOf } from "../bulk.ts";
import { checkCancelReason } from "../cancel-reason.ts";
import { cancelRun, type CancelDeps, type CancelReason } from "../cancel-run.ts";
import type { CancelOptions } from "../run-handle.ts";
import type { RunInfo } from "../run-info.ts";
import { OpenRuns } from "./open-runs.ts";
import { runPhases } from "./run-phases.ts";
import { resolveOpenFilter, type ListedState, type ResolvedFilter, type RunFilter } from "./run-query.ts";

/** Runs to cancel: those that have not ended and to which every field applies. None means none. */
export interface CancelFilter extends RunFilter {
  readonly state?: OpenState | readonly OpenState[];
  /** Every run of the mesh that has not ended. Not together with a filter. */
  readonly all?: true;
}

/** A state of a run that has not ended. */
export type OpenState = Extract<ListedState, "scheduled" | "queued" | "running" | "retrying">;

/** How many runs are cancelled. */
export interface CancelManyOptions extends CancelOptions {
  /** Begin no more: what has begun is finished, then the reason of the signal is thrown. Calling again goes on. */
  readonly signal?: AbortSignal;
  /** Called after each run. */
  readonly onProgress?: (progress: CancelProgress) => void;
}

/** How far the cancel of many runs has come. */
export interface CancelProgress {
  /** Cancelled, by this call or before. */
  readonly cancelled: number;
  /** Ended in another way before. */
  readonly ended: number;
  /** Not known to the mesh. */
  readonly unknown: number;
}

/** What became of the runs that were to be cancelled. */
export interface CancelSummary extends CancelProgress {
  /** Those that had ended: the first 100. */
  readonly endedIds: readonly string[];
  /** Those that are not known: the first 100. */
  readonly unknownIds: readonly string[];
}

/** What the cancel of many runs needs. */
export interface CancelManyDeps extends CancelDeps {
  /** Where it is recorded; `undefined`: whoever calls has done so. */
  readonly audit?: AuditLog | undefined;
}

const CONCURRENCY = 32;
const BATCH = 250;
const MOST_NAMED = 100;

/** Cancel each of `runIds`. @throws UmbelError as `cancelRun` does, but for ids that nobody knows */
export function cancelMany(
  runIds: readonly string[],
  options: CancelManyOptions,
  deps: CancelManyDeps,
): Promise<CancelSummary> {
  const checked = runIds.map((runId, index) => checkRunId(runId, `cancel[${index}]`));
  const which = { runIds: checked.slice(0, MOST_NAMED), count: checked.length };
  return cancelEach(each([...new Set(checked)]), options, { ...deps, which });
}

/**
 * Cancel every run that `filter` means now. One that becomes due meanwhile is found where it goes; one that is
 * enqueued meanwhile is left alone.
 *
 * @throws UmbelError as {@link cancelMany} does
 */
export function cancelMatching(
  filter: CancelFilter,
  options: CancelManyOptions,
  deps: CancelManyDeps,
): Promise<CancelSummary> {
  const resolved = resolveOpenFilter(filter, "cancelMatching");
  return cancelEach(openRunIds(resolved, deps), options, { ...deps, which: { filter } });
}

async function cancelEach(
  runIds: AsyncIterable<string>,
  options: CancelManyOptions,
  deps: CancelManyDeps & { readonly which: Readonly<Record<string, unknown>> },
): Promise<CancelSummary> {
  checkFields(options, "cancel", ["reason", "by", "signal", "onProgress"]);
  const { reason, by } = checkCancelReason(options);
  const { audit, which } = deps;
  const work = (): Promise<CancelSummary> => cancelChecked(runIds, options, deps);
  if (audit === undefined) return work();
  const target = { ...which, ...(reason === undefined ? {} : { reason }) };
  return audit.record({ action: "run.cancel", target, by }, async () => {
    const value = await work();
    const { cancelled, ended, unknown } = value;
    return { value, result: { cancelled, ended, unknown } };
  });
}

async function cancelChecked(
  runIds: AsyncIterable<string>,
  { signal, onProgress, ...why }: CancelManyOptions,
  deps: CancelDeps,
): Promise<CancelSummary> {
  const count = { cancelled: 0, ended: 0, unknown: 0 };
  const ids: Record<"ended" | "unknown", string[]> = { ended: [], unknown: [] };
  await forEachOf(
    runIds,
    async (runId) => {
      const how = await cancelOne(runId, why, deps);
      count[how] += 1;
      if (how !== "cancelled" && ids[how].length < MOST_NAMED) ids[how].push(runId);
      onProgress?.({ ...count });
    },
    { concurrency: CONCURRENCY, signal },
  );
  return { ...count, endedIds: ids.ended, unknownIds: ids.unknown };
}

async function cancelOne(runId: string, why: CancelReason, deps: CancelDeps): Promise<keyof CancelProgress> {
  try {
    return (await cancelRun(runId, why, deps)).cancelled ? "cancelled" : "ended";
  } catch (error) {
    if (UmbelError.is(error, "run_unknown")) return "unknown";
    throw error;
  }
}

async function* each(runIds: readonly string[]): AsyncGenerator<string> {
  yield* runIds;
}

async function* openRunIds(filter: ResolvedFilter, deps: CancelDeps): AsyncGenerator<string> {
  const { connection, now } = deps;
  const bounds = { last: await lastOfStream(connection, connection.streams.tasks), before: now() };
  for (const phase of runPhases(connection.mesh, filter)) {
    if (phase.kind === "r") continue;
    const source = new OpenRuns(connection, phase, { ...filter, halfCancelled: true });
    for (let after = 0, more = true; more;) {
      const read = await source.read(after, BATCH);
      // Looking at records is for those who ask for a state.
      const selected =
        filter.states === undefined ? source.selectByMessage(read.items) : await source.select(read.items);
      yield* meant(read.items, selected, bounds);
      after = read.items.at(-1)?.sequence ?? after;
      ({ more } = read);
    }
  }
}

// What was stored later either moved there, and is meant, or was enqueued later, and is not.
function* meant(
  items: readonly OpenRun[],
  selected: readonly (RunInfo | undefined)[],
  { last, before }: { readonly last: number; readonly before: number },
): Generator<string> {
  for (const [index, { runId, sequence }] of items.entries()) {
    const info = selected[index];
    if (info === undefined) continue;
    if (sequence <= last || (info.enqueuedAt ?? Infinity) <= before) yield runId;
  }
}
