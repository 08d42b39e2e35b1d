import { EVENT_FIELDS, EVENT_TYPES, type EventField } from "./event-fields.ts";
import type { EventData, EventError, EventType, MeshEvent } from "./event.ts";
import { PRIORITIES } from "./priority.ts";
import { isFields } from "./record-fields.ts";
import type { SerializedError } from "./serialized-error.ts";

/**
 * An event as it is kept until it is sent: `[number of its type, at, …fields]`, in the order of
 * `EVENT_FIELDS`. What is absent at the end is left out.
 */
export type EventTuple = unknown[];

/** Who tells an event. */
export interface EventSource {
  readonly role: "worker" | "client";
  readonly id: string;
}

const MAX_TEXT = 300;

const NUMBERS: ReadonlyMap<EventType, number> = new Map(EVENT_TYPES.map((type, index) => [type, index]));

/** The number of `type` on the wire. */
export function eventNumber(type: EventType): number {
  return NUMBERS.get(type) ?? -1;
}

/** The tuple of an event that happened `at`. */
export function eventTuple<Type extends EventType>(
  type: Type,
  at: number,
  data: EventData[Type],
): EventTuple {
  const tuple: EventTuple = [eventNumber(type), at];
  for (const { name } of EVENT_FIELDS[type]) tuple.push(bounded(Reflect.get(data, name)));
  while (tuple.at(-1) === undefined) tuple.pop();
  return tuple;
}

/** `error` as events carry it. */
export function eventError({ name, message, code }: SerializedError): EventError {
  const error = { name: cut(name), message: cut(message) };
  return code === undefined ? error : { ...error, code: cut(code) };
}

function bounded(value: unknown): unknown {
  return typeof value === "string" ? cut(value) : value;
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

/** The events that `tuple` stands for: one, or one for each run of a bulk; none when it cannot be read. Never throws. */
export function eventsOf(tuple: readonly unknown[], source: EventSource): readonly MeshEvent[] {
  const type = EVENT_TYPES[Number(tuple[0])];
  const at = tuple[1];
  if (type === undefined || typeof at !== "number") return [];
  const base = { v: 1, type, at, [source.role]: source.id };
  const event: Record<string, unknown> = { ...base };
  EVENT_FIELDS[type].forEach(({ name }, index) => {
    const value = tuple[index + 2];
    if (value !== undefined && value !== null) event[name] = value;
  });
  const { runId } = event;
  const each: object[] = Array.isArray(runId)
    ? runId.map((id: unknown) => ({ ...event, runId: id }))
    : [event];
  return each.filter((one): one is MeshEvent => isEvent(one, type));
}

/** How many events `tuple` stands for. */
export function eventCount(tuple: readonly unknown[]): number {
  const runIds = tuple[2];
  return tuple[0] === 0 && Array.isArray(runIds) ? runIds.length : 1;
}

function isEvent(event: object, type: EventType): event is MeshEvent {
  return EVENT_FIELDS[type].every((field) => fits(Reflect.get(event, field.name), field));
}

function fits(value: unknown, { kind, optional }: EventField): boolean {
  if (value === undefined) return optional;
  switch (kind) {
    case "number":
      return typeof value === "number";
    case "texts":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
    case "priority":
      return PRIORITIES.some((priority) => priority === value);
    case "error":
      return isFields(value) && typeof value["name"] === "string" && typeof value["message"] === "string";
    default:
      return typeof value === "string";
  }
}
