import type { NamedSchedule, ScheduleRecords } from "@umbel/broker";
import { nextFireOf, withStates, type FiringState, type ScheduleRecord } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { Expander } from "./expander.ts";

/** What a {@link ScheduleKeeper} needs. */
export interface ScheduleKeeperDeps {
  readonly schedules: Pick<ScheduleRecords, "list" | "write">;
  /** Those of some schedules that have a tick, waiting for its time or for a worker. */
  readonly ticked: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** How those of some runs have ended that have, as far as that is kept. */
  readonly ended: (runIds: readonly string[]) => Promise<ReadonlyMap<string, FiringState>>;
  readonly expander: Pick<Expander, "expand">;
  readonly logger: Logger;
  readonly workerId: string;
  readonly now: () => number;
}

/** Runs that were decided on so long ago are somebody's who has died. */
const FORGOTTEN_MS = 15_000;

/**
 * Looks after schedules that nobody else looks after: one whose next tick is lost gets another, runs that were
 * decided on and not enqueued are enqueued, and how runs ended is written down before their records are gone.
 */
export class ScheduleKeeper {
  readonly #deps: ScheduleKeeperDeps;

  constructor(deps: ScheduleKeeperDeps) {
    this.#deps = deps;
  }

  /** Look once. @throws UmbelError when the broker does not answer */
  async look(): Promise<void> {
    const { schedules, ticked, expander, logger, workerId, now } = this.#deps;
    const all = await schedules.list();
    if (all.length === 0) return;
    const ticks = await ticked(all.map(({ id }) => id));
    const lost = all.filter((schedule) => isLost(schedule, ticks, now()));
    for (const { id } of lost) await expander.expand(id);
    const rearmed = lost.filter(({ id }) => !ticks.has(id)).map(({ id }) => id);
    if (rearmed.length > 0) logEvent(logger, "schedule.rearmed", { workerId, scheduleIds: rearmed });
    await this.#learnEnds(all);
  }

  async #learnEnds(all: readonly NamedSchedule[]): Promise<void> {
    const ended = await this.#deps.ended(all.flatMap(({ record }) => openRuns(record)));
    for (const { id, sequence, record } of all) {
      if (!openRuns(record).some((runId) => ended.has(runId))) continue;
      // Whoever was faster has written down more than this.
      await this.#deps.schedules.write(id, withStates(record, ended), sequence);
    }
  }
}

function isLost({ id, record }: NamedSchedule, ticks: ReadonlySet<string>, now: number): boolean {
  if (record.pending.some(({ at }) => now - at > FORGOTTEN_MS)) return true;
  return nextFireOf(record) !== undefined && !ticks.has(id);
}

function openRuns({ runs }: ScheduleRecord): readonly string[] {
  return runs.filter(({ state }) => state === undefined).map(({ runId }) => runId);
}
