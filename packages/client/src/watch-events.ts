import { readEvents, type BrokerConnection } from "@umbel/broker";
import {
  checkFields,
  checkQueueName,
  checkRunId,
  checkTaskName,
  EVENT_TYPES,
  invalidArgument,
  nearestName,
  parseDuration,
  type Duration,
  type EventBatch,
  type EventType,
  type MeshEvent,
} from "@umbel/protocol";
import { linkedController } from "@umbel/runtime";

/** Which events {@link Mesh.events} gives. What is absent does not matter. */
export interface EventOptions {
  /** From this moment, or so long ago; at most 24 hours are kept. @default only what is told from now on */
  readonly since?: Date | Duration;
  readonly types?: readonly EventType[];
  readonly task?: string;
  readonly queue?: string;
  readonly runId?: string;
  /** Ends the loop. */
  readonly signal?: AbortSignal;
}

/** {@link EventOptions}, checked. */
export interface ResolvedEvents {
  readonly since: Date | undefined;
  readonly types: ReadonlySet<EventType> | undefined;
  readonly fields: Readonly<Partial<Record<"task" | "queue" | "runId", string>>>;
  readonly signal: AbortSignal | undefined;
}

/** @throws UmbelError `invalid_argument` naming the wrong option. */
export function resolveEventOptions(options: EventOptions, now: number): ResolvedEvents {
  checkFields(options, "events", ["since", "types", "task", "queue", "runId", "signal"]);
  const { since, types, task, queue, runId, signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument({ field: "events.signal", received: signal, expected: "an AbortSignal" });
  }
  return {
    since: since === undefined ? undefined : checkSince(since, now),
    types: types === undefined ? undefined : checkTypes(types),
    fields: {
      ...(task === undefined ? {} : { task: checkTaskName(task) }),
      ...(queue === undefined ? {} : { queue: checkQueueName(queue) }),
      ...(runId === undefined ? {} : { runId: checkRunId(runId) }),
    },
    signal,
  };
}

function checkSince(since: Date | Duration, now: number): Date {
  if (!(since instanceof Date)) return new Date(now - parseDuration(since, "events.since"));
  if (!Number.isNaN(since.getTime())) return since;
  throw invalidArgument({ field: "events.since", received: since, expected: "a valid Date, or a duration" });
}

function checkTypes(types: unknown): ReadonlySet<EventType> {
  if (!Array.isArray(types) || types.length === 0) {
    throw invalidArgument({ field: "events.types", received: types, expected: "a list of event types" });
  }
  return new Set(types.map((type: unknown) => checkEventType(type)));
}

/** @throws UmbelError `invalid_argument` unless `type` is a type of event. */
export function checkEventType(type: unknown, field = "events.types"): EventType {
  const found = EVENT_TYPES.find((known) => known === type);
  if (found !== undefined) return found;
  const nearest = nearestName(String(type), EVENT_TYPES);
  throw invalidArgument({
    field,
    received: type,
    expected: `one of ${EVENT_TYPES.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}

/** The events that `options` ask for. @throws as `Mesh.events` does in its loop */
export async function* watchEvents(
  connection: BrokerConnection,
  { since, signal, ...filter }: ResolvedEvents,
): AsyncGenerator<MeshEvent, void, undefined> {
  using reading = linkedController(signal ?? new AbortController().signal);
  const numbers = new Map<string, number>();
  const sinceMs = since?.getTime() ?? 0;
  const batches = readEvents(connection, {
    signal: reading.signal,
    ...(since === undefined ? {} : { since }),
  });
  for await (const batch of batches) {
    for (const event of [...lostBefore(batch, numbers), ...batch.events]) {
      if (reading.signal.aborted) return;
      if (event.at >= sinceMs && isWanted(event, filter)) yield event;
    }
  }
}

// A process counts its events: what is missing in between was dropped there, lost on its way, or has aged out.
function lostBefore(batch: EventBatch, numbers: Map<string, number>): readonly MeshEvent[] {
  const { source, first, count } = batch;
  const expected = numbers.get(source.id);
  numbers.set(source.id, first + count);
  if (expected === undefined || first <= expected) return [];
  const at = batch.events[0]?.at ?? 0;
  const lost = { v: 1, type: "events.lost", at, count: first - expected } as const;
  return [source.role === "worker" ? { ...lost, worker: source.id } : { ...lost, client: source.id }];
}

/** Whether `event` passes the filter. A loss always does: whatever was asked for may be among what is missing. */
function isWanted(event: MeshEvent, { types, fields }: Pick<ResolvedEvents, "types" | "fields">): boolean {
  if (event.type === "events.lost") return true;
  if (types !== undefined && !types.has(event.type)) return false;
  return Object.entries(fields).every(([name, value]) => Reflect.get(event, name) === value);
}
