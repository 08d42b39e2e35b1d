import { readServerTime, type NamedSchedule, type RunRecords } from "@umbel/broker";
import { armSchedule, endedStates, makePending, statesOfRuns, type FireDeps } from "@umbel/client/internal";
import { expandSchedule, isDue, type Expansion } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";

/** What an {@link Expander} needs. */
export interface ExpanderDeps extends FireDeps {
  readonly records: RunRecords;
  readonly logger: Logger;
  readonly workerId: string;
}

/**
 * Makes the runs of schedules. Every worker does, and several may at once: what a schedule does is decided by who
 * stores it first, and its runs have ids that follow from their times.
 */
export class Expander {
  readonly #deps: ExpanderDeps;

  constructor(deps: ExpanderDeps) {
    this.#deps = deps;
  }

  /**
   * Make the runs of the schedule `id` that are due or were left by others, and set its next tick.
   *
   * @throws UmbelError when the broker does not answer: doing it again goes on where this one ended
   */
  async expand(id: string): Promise<void> {
    for (;;) {
      const schedule = await this.#settled(id);
      if (schedule === undefined) return;
      const decided = await this.#decide(schedule);
      if (decided === undefined) return armSchedule(schedule, this.#deps);
      const { record } = decided;
      const written = await this.#deps.schedules.write(id, record, schedule.sequence);
      // Another worker, or somebody who edited it, was faster: decide by what is there now.
      if (!written.won) continue;
      this.#report(schedule, decided);
      const made = await makePending({ id, sequence: written.sequence, record }, this.#deps);
      return made === undefined ? undefined : armSchedule(made, this.#deps);
    }
  }

  // What was decided before is done before anything else is.
  async #settled(id: string): Promise<NamedSchedule | undefined> {
    const stored = await this.#deps.schedules.read(id);
    if (stored?.record === undefined) return undefined;
    return makePending({ id, sequence: stored.sequence, record: stored.record }, this.#deps);
  }

  async #decide({ id, record }: NamedSchedule): Promise<Expansion | undefined> {
    const now = await readServerTime(this.#deps.connection);
    if (!isDue(record, now)) return undefined;
    const ended = endedStates(await statesOfRuns(record.runs, this.#deps));
    return expandSchedule(id, record, { now, ended });
  }

  #report({ id: scheduleId, record: before }: NamedSchedule, { record, missed }: Expansion): void {
    const { logger, workerId } = this.#deps;
    const known = new Set(before.pending.map(({ runId }) => runId));
    const runIds = record.pending.map(({ runId }) => runId).filter((runId) => !known.has(runId));
    if (runIds.length > 0) logEvent(logger, "schedule.fired", { workerId, scheduleId, runIds });
    for (const { why, count, fireAt: fireAtMs } of missed) {
      logEvent(logger, "schedule.missed", { workerId, scheduleId, why, count, fireAtMs });
    }
  }
}
