import { createHash } from "node:crypto";
import { readServerTime, type NamedSchedule } from "@umbel/broker";
import {
  checkFields,
  checkFlag,
  checkScheduleId,
  encodeDefinition,
  invalidArgument,
  UmbelError,
  type ScheduleDefinition,
} from "@umbel/protocol";
import { checkToCome, isSameDefinition, putRecord, type Declaration } from "./change-record.ts";
import { armSchedule, type FireDeps } from "./fire.ts";
import { checkText, resolveSchedule } from "./resolve-schedule.ts";
import type { ScheduleDeclaration } from "./schedule-options.ts";

/** What a sync of schedules takes. */
export interface SyncOptions {
  /** The name of the list: what others declare is none of its business. @default "code" */
  readonly source?: string;
  /** Delete what the list declared once, and declares no more. @default false */
  readonly remove?: boolean;
  /** Only say what would be done. @default false */
  readonly dryRun?: boolean;
  /** Who asked. */
  readonly by?: string;
}

/** What a sync did, or would do: ids of schedules. */
export interface SyncResult {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  /** Others have edited them since; the list has not changed, so they stay as they are. */
  readonly edited: readonly string[];
  /** The list declared them once, and does so no more. */
  readonly removed: readonly string[];
  /** Whether those were deleted. */
  readonly deleted: boolean;
}

interface Declared {
  readonly id: string;
  readonly definition: ScheduleDefinition;
  readonly declaration: Declaration;
}

type Step = "created" | "updated" | "unchanged" | "edited";

/** Make the schedules of a mesh those of a list. @throws UmbelError as `Schedules.sync` does */
export async function syncSchedules(
  entries: readonly ScheduleDeclaration[],
  options: SyncOptions,
  deps: FireDeps,
): Promise<SyncResult> {
  const { source, remove, dryRun } = checkOptions(options);
  const declared = await resolveAll(entries, source, deps.connection.maxPayloadBytes);
  const known = new Map((await deps.schedules.list()).map((schedule) => [schedule.id, schedule]));
  const planned = declared.map((entry) => ({ entry, step: planStep(entry, known.get(entry.id)) }));
  const removed = removedOf(known, source, declared);
  const now = await readServerTime(deps.connection);
  const writes = planned.flatMap(({ entry, step }) =>
    step === "created" || step === "updated" ? [entry] : [],
  );
  for (const entry of writes) checkEntry(entry, now);
  if (!dryRun) {
    for (const entry of writes) await apply(entry, { now, by: options.by }, deps);
    for (const schedule of remove ? removed : []) await removeSchedule(schedule, source, deps);
  }
  return { ...idsOf(planned), removed: removed.map(({ id }) => id), deleted: remove && !dryRun };
}

interface Planned {
  readonly entry: Declared;
  readonly step: Step;
}

function idsOf(planned: readonly Planned[]): Readonly<Record<Step, readonly string[]>> {
  const ids = (wanted: Step): readonly string[] =>
    planned.flatMap(({ entry, step }) => (step === wanted ? [entry.id] : []));
  return {
    created: ids("created"),
    updated: ids("updated"),
    unchanged: ids("unchanged"),
    edited: ids("edited"),
  };
}

function checkOptions(options: SyncOptions): Required<Pick<SyncOptions, "source" | "remove" | "dryRun">> {
  checkFields(options, "sync", ["source", "remove", "dryRun", "by"]);
  const { source = "code", remove = false, dryRun = false, by } = options;
  if (by !== undefined) checkText(by, "sync.by");
  return {
    source: checkText(source, "sync.source"),
    remove: checkFlag(remove, "sync.remove"),
    dryRun: checkFlag(dryRun, "sync.dryRun"),
  };
}

// All of them before the first write: a list with a mistake in it changes nothing.
async function resolveAll(
  entries: readonly ScheduleDeclaration[],
  source: string,
  maxPayloadBytes: number,
): Promise<readonly Declared[]> {
  if (!Array.isArray(entries)) {
    throw invalidArgument({
      field: "schedules",
      received: entries,
      expected: "a list of schedules, each with its id",
    });
  }
  const declared: Declared[] = [];
  for (const [index, entry] of entries.entries()) {
    declared.push(await resolveEntry(entry, { index, source, maxPayloadBytes }));
  }
  const twice = declared.find(({ id }, index) => declared.findIndex((other) => other.id === id) !== index);
  if (twice === undefined) return declared;
  throw invalidArgument({ field: "schedules", received: twice.id, expected: "every id once" });
}

async function resolveEntry(
  entry: ScheduleDeclaration,
  { index, source, maxPayloadBytes }: { index: number; source: string; maxPayloadBytes: number },
): Promise<Declared> {
  const { id, ...options } = { ...entry };
  const name = checkScheduleId(id, `schedules[${index}].id`);
  try {
    const definition = await resolveSchedule(options, maxPayloadBytes);
    const digest = createHash("sha256")
      .update(encodeDefinition(definition))
      .digest("hex")
      .slice(0, DIGEST_LENGTH);
    return { id: name, definition, declaration: { source, declared: digest } };
  } catch (error) {
    throw errorOf(name, error);
  }
}

const DIGEST_LENGTH = 32;

function checkEntry({ id, definition }: Declared, now: number): void {
  try {
    checkToCome(definition, { createdAt: now, cursor: now });
  } catch (error) {
    throw errorOf(id, error);
  }
}

function errorOf(id: string, error: unknown): unknown {
  if (!UmbelError.is(error)) return error;
  const { code, message, details } = error;
  return new UmbelError(code, `schedule ${id}: ${message}`, { cause: error, details: { ...details, id } });
}

function planStep({ id, definition, declaration }: Declared, known: NamedSchedule | undefined): Step {
  if (known === undefined) return "created";
  const { record } = known;
  if (record.source !== undefined && record.source !== declaration.source) {
    throw declaredElsewhere(id, record.source, declaration.source);
  }
  const same = isSameDefinition(record.definition, definition);
  if (record.declared === declaration.declared) return same ? "unchanged" : "edited";
  return "updated";
}

function declaredElsewhere(id: string, source: string, ours: string): UmbelError {
  return new UmbelError(
    "conflict",
    `schedule ${id} is declared by the list "${source}", and "${ours}" declares it too. Nothing was changed: ` +
      "take it out of one of them, or give it another id.",
    { details: { id, source } },
  );
}

function removedOf(
  known: ReadonlyMap<string, NamedSchedule>,
  source: string,
  declared: readonly Declared[],
): readonly NamedSchedule[] {
  const ids = new Set(declared.map(({ id }) => id));
  return [...known.values()].filter(({ id, record }) => record.source === source && !ids.has(id));
}

async function apply(
  { id, definition, declaration }: Declared,
  { now, by }: { readonly now: number; readonly by: string | undefined },
  deps: FireDeps,
): Promise<void> {
  const { written } = await putRecord(id, { definition, now, declaration, by }, deps.schedules);
  await armSchedule(written, deps);
}

// Whoever takes it over meanwhile keeps it.
async function removeSchedule({ id }: NamedSchedule, source: string, { schedules }: FireDeps): Promise<void> {
  for (;;) {
    const stored = await schedules.read(id);
    if (stored?.record?.source !== source) return;
    if ((await schedules.remove(id, stored.sequence)).won) return;
  }
}
