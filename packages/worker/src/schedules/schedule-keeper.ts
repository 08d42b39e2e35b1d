import {
  findTicks,
  readRecordsOf,
  type BrokerConnection,
  type NamedSchedule,
  type ScheduleRecords,
} from "@umbel/broker";
import { isOutcome, nextFireOf, withStates, type FiringState, type ScheduleRecord } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { Expander } from "./expander.ts";

/** What a {@link ScheduleKeeper} needs. */
export interface ScheduleKeeperDeps {
  readonly connection: BrokerConnection;
  readonly schedules: ScheduleRecords;
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
    const { connection, schedules, expander, logger, workerId, now } = this.#deps;
    const all = await schedules.list();
    if (all.length === 0) return;
    const ticks = await findTicks(
      connection,
      all.map(({ id }) => id),
    );
    const lost = all.filter((schedule) => isLost(schedule, ticks, now()));
    for (const { id } of lost) await expander.expand(id);
    const rearmed = lost.filter(({ id }) => !ticks.has(id)).map(({ id }) => id);
    if (rearmed.length > 0) logEvent(logger, "schedule.rearmed", { workerId, scheduleIds: rearmed });
    await this.#learnEnds(all);
  }

  async #learnEnds(all: readonly NamedSchedule[]): Promise<void> {
    const open = all.flatMap(({ record }) => openRuns(record));
    const ended = new Map<string, FiringState>();
    for (const [runId, { record }] of await readRecordsOf(this.#deps.connection, open)) {
      if (record !== undefined && isOutcome(record)) ended.set(runId, record.state);
    }
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
