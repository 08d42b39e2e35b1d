import { readServerTime, type NamedSchedule, type RunRecords, type StoredSchedule } from "@umbel/broker";
import {
  checkFields,
  checkScheduleId,
  checkWholeNumber,
  withFiring,
  type Firing,
  type ScheduleDefinition,
  type ScheduleRecord,
} from "@umbel/protocol";
import { armSchedule, makePending, type FireDeps } from "./fire.ts";
import type { RunHandle } from "../run-handle.ts";
import { changeRecord, checkVersion, putRecord } from "./change-record.ts";
import { checkText, resolveSchedule } from "./resolve-schedule.ts";
import { mergeOptions, optionsOf, taskPartsOf } from "./options-of.ts";
import { MOST_NEXT } from "./preview-schedule.ts";
import { scheduleInfo, upcoming, type ScheduleInfo } from "./schedule-info.ts";
import type {
  AnyScheduleOptions,
  NamedScheduleOptions,
  ScheduleDeclaration,
  ScheduleOptions,
} from "./schedule-options.ts";
import { statesOfRuns } from "./run-states.ts";
import { syncSchedules, type SyncOptions, type SyncResult } from "./sync-schedules.ts";
import { unknownSchedule } from "./unknown-schedule.ts";

/** What {@link Schedules} need. */
export interface SchedulesDeps extends FireDeps {
  readonly records: RunRecords;
  readonly nextRunId: () => string;
  readonly handle: (runId: string) => RunHandle<unknown>;
}

/** What every change of a schedule takes. */
export interface ChangeScheduleOptions {
  /**
   * Only if it is still at this version; 0: only if there is none. A change that somebody else has made meanwhile is
   * then a `conflict`. @default whatever it is
   */
  readonly version?: number;
  /** Who asked. */
  readonly by?: string;
}

/** What {@link Schedules.pause} takes. */
export interface PauseScheduleOptions extends ChangeScheduleOptions {
  /** Kept with the schedule, for whoever wonders. */
  readonly reason?: string;
}

/** The schedules of a mesh: rules that make runs, kept and fired by the broker. */
export class Schedules {
  readonly #deps: SchedulesDeps;

  constructor(deps: SchedulesDeps) {
    this.#deps = deps;
  }

  /**
   * Define a schedule, or define it anew: its history stays, and so does its pause. What its new times leave out
   * between the last firing and now is not made up for.
   *
   * @throws UmbelError `invalid_argument` and what an enqueue of its task throws: nothing has changed; `conflict`
   * when it is not at `version`; `permission_denied`.
   */
  put<Input>(
    id: string,
    options: ScheduleOptions<Input>,
    change?: ChangeScheduleOptions,
  ): Promise<ScheduleInfo>;
  put(id: string, options: NamedScheduleOptions, change?: ChangeScheduleOptions): Promise<ScheduleInfo>;
  async put(
    id: string,
    options: AnyScheduleOptions,
    change: ChangeScheduleOptions = {},
  ): Promise<ScheduleInfo> {
    checkScheduleId(id);
    checkChange(change);
    const { connection } = this.#deps;
    const definition = await resolveSchedule(options, connection.maxPayloadBytes);
    return this.#put(id, definition, change);
  }

  /**
   * Change some of a schedule's options and keep the others. Times of another kind take the place of those before.
   *
   * @throws UmbelError as {@link put} does; `schedule_unknown`
   */
  async edit(
    id: string,
    changes: Partial<NamedScheduleOptions>,
    change: ChangeScheduleOptions = {},
  ): Promise<ScheduleInfo> {
    checkChange(change);
    const { record } = await this.#known(checkScheduleId(id));
    checkVersion(id, record, change.version);
    const options = mergeOptions(optionsOf(record.definition), changes);
    const definition = await resolveSchedule(options, this.#deps.connection.maxPayloadBytes);
    const run =
      changes.task === undefined
        ? { ...taskPartsOf(record.definition.run), ...definition.run }
        : definition.run;
    // What it was made from is what it must still be.
    return this.#put(id, { ...definition, run }, { ...change, version: record.version });
  }

  /** All about a schedule, with how its last runs stand. @throws UmbelError `schedule_unknown` */
  async get(id: string): Promise<ScheduleInfo> {
    const { record } = await this.#known(checkScheduleId(id));
    const states = await statesOfRuns(record.runs, this.#deps);
    return scheduleInfo(id, record, { now: await this.#now(), states });
  }

  /** Every schedule, by id, with how its last runs stand as far as that is recorded. @throws UmbelError */
  async list(): Promise<readonly ScheduleInfo[]> {
    const [all, now] = await Promise.all([this.#deps.schedules.list(), this.#now()]);
    return all.map(({ id, record }) => scheduleInfo(id, record, { now, states: new Map() }));
  }

  /**
   * When a schedule fires next: up to `count` moments, in milliseconds since the epoch. None while it is paused.
   *
   * @throws UmbelError `schedule_unknown`, `invalid_argument`
   */
  async next(id: string, count = 10): Promise<readonly number[]> {
    const most = checkWholeNumber(count, "count", { least: 1, most: MOST_NEXT });
    return upcoming((await this.#known(checkScheduleId(id))).record, most);
  }

  /**
   * Make no runs until it is resumed. What is due meanwhile is not made up for. Runs that are made already go on.
   *
   * @throws UmbelError `schedule_unknown`, `conflict`, `permission_denied`
   */
  async pause(id: string, options: PauseScheduleOptions = {}): Promise<ScheduleInfo> {
    const { reason, ...change } = options;
    const said = {
      ...(reason === undefined ? {} : { reason: checkText(reason, "pause.reason") }),
      ...byOf(change),
    };
    return this.#change(id, change, (record, now) => ({ ...record, paused: { at: now, ...said } }));
  }

  /** Make runs again, from now on. One that is not paused is left as it is. @throws as {@link pause} does */
  async resume(id: string, options: ChangeScheduleOptions = {}): Promise<ScheduleInfo> {
    return this.#change(id, options, ({ paused, ...record }, now) =>
      paused === undefined ? undefined : { ...record, cursor: Math.max(record.cursor, now) },
    );
  }

  /**
   * Make one run now, whatever its times, its pause and its `overlap` say. It counts as no firing.
   *
   * @throws UmbelError `schedule_unknown`, `permission_denied`; what an enqueue throws
   */
  async run(id: string): Promise<RunHandle<unknown>> {
    const now = await this.#now();
    const firing: Firing = { runId: this.#deps.nextRunId(), kind: "by-hand", fireAt: now, at: now };
    const written = await changeRecord(
      checkScheduleId(id),
      {},
      { schedules: this.#deps.schedules, decide: (record) => withFiring(record, firing) },
    );
    // The tick that is armed is as it should be; only a client that dies here leaves the run to a worker.
    await makePending(written, this.#deps);
    return this.#deps.handle(firing.runId);
  }

  /**
   * Forget a schedule and its history. Its runs go on.
   *
   * @throws UmbelError `schedule_unknown`, `conflict`, `permission_denied`
   */
  async delete(id: string, change: ChangeScheduleOptions = {}): Promise<void> {
    checkChange(change);
    for (;;) {
      const { sequence, record } = await this.#known(checkScheduleId(id));
      checkVersion(id, record, change.version);
      if ((await this.#deps.schedules.remove(id, sequence)).won) return;
    }
  }

  /**
   * Make the mesh's schedules those of a list, as a program declares them. What the list has not changed since it
   * was synced last stays as others have edited it meanwhile. What it declares no more is reported, and deleted only
   * with `remove`.
   *
   * @throws UmbelError `invalid_argument` naming the entry: then nothing has changed; `conflict` when another list
   * declares one of them.
   */
  sync(declared: readonly ScheduleDeclaration[], options: SyncOptions = {}): Promise<SyncResult> {
    return syncSchedules(declared, options, this.#deps);
  }

  async #put(
    id: string,
    definition: ScheduleDefinition,
    change: ChangeScheduleOptions,
  ): Promise<ScheduleInfo> {
    const now = await this.#now();
    const { written } = await putRecord(id, { definition, now, ...change }, this.#deps.schedules);
    await armSchedule(written, this.#deps);
    return this.#info(written, now);
  }

  async #change(
    id: string,
    change: ChangeScheduleOptions,
    decide: (record: ScheduleRecord, now: number) => ScheduleRecord | undefined,
  ): Promise<ScheduleInfo> {
    checkScheduleId(id);
    checkChange(change);
    const now = await this.#now();
    const written = await changeRecord(id, change, {
      schedules: this.#deps.schedules,
      decide: (record) => {
        const next = decide(record, now);
        return next && { ...next, version: record.version + 1, changedAt: now, ...changedBy(change) };
      },
    });
    await armSchedule(written, this.#deps);
    return this.#info(written, now);
  }

  #info({ id, record }: NamedSchedule, now: number): ScheduleInfo {
    return scheduleInfo(id, record, { now, states: new Map() });
  }

  #now(): Promise<number> {
    return readServerTime(this.#deps.connection);
  }

  async #known(id: string): Promise<StoredSchedule & { readonly record: ScheduleRecord }> {
    const stored = await this.#deps.schedules.read(id);
    if (stored?.record === undefined) throw await unknownSchedule(id, this.#deps.schedules);
    return { ...stored, record: stored.record };
  }
}

function checkChange(change: ChangeScheduleOptions): void {
  checkFields(change, "change", ["version", "by"]);
  if (change.version !== undefined) {
    checkWholeNumber(change.version, "version", { least: 0, most: Number.MAX_SAFE_INTEGER });
  }
  byOf(change);
}

function byOf({ by }: ChangeScheduleOptions): { readonly by?: string } {
  return by === undefined ? {} : { by: checkText(by, "by") };
}

function changedBy({ by }: ChangeScheduleOptions): { readonly changedBy?: string } {
  return by === undefined ? {} : { changedBy: by };
}
