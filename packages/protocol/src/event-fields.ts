import type { EventType } from "./event.ts";

/** How a field travels: `name` and `priority` are texts that many events of a batch share, `ids` one run id or many. */
export type EventFieldKind = "ids" | "name" | "priority" | "text" | "number" | "texts" | "error";

/** One field of an event, by its place. */
export interface EventField {
  readonly name: string;
  readonly kind: EventFieldKind;
  readonly optional: boolean;
}

/** The types of events by their number on the wire. Append only. */
export const EVENT_TYPES: readonly EventType[] = [
  "run.enqueued",
  "run.started",
  "run.succeeded",
  "run.retrying",
  "run.failed",
  "run.dead_lettered",
  "run.cancelled",
  "run.expired",
  "run.handed_back",
  "worker.started",
  "worker.stopping",
  "worker.stopped",
  "events.lost",
];

const KINDS: readonly EventFieldKind[] = ["ids", "name", "priority", "text", "number", "texts", "error"];

const RUN = ["runId:ids", "task:name", "queue:name"] as const;
const ATTEMPT = [...RUN, "attempt:number", "delivery:number", "start:number"] as const;
const LINE = ["parentRunId?:text", "rootRunId?:text", "traceId?:text"] as const;

/** The fields of every type after its number and time, in the order in which they travel. Append only. */
export const EVENT_FIELDS: Readonly<Record<EventType, readonly EventField[]>> = {
  "run.enqueued": fields(...RUN, "priority:priority", "dueAt?:number", ...LINE),
  "run.started": fields(...ATTEMPT, "waitMs:number", ...LINE),
  "run.succeeded": fields(...ATTEMPT, "durationMs:number", ...LINE),
  "run.retrying": fields(...ATTEMPT, "delayMs:number", "error:error", ...LINE),
  "run.failed": fields(...ATTEMPT, "reason?:text", "durationMs?:number", "error?:error", ...LINE),
  "run.dead_lettered": fields(...ATTEMPT, "reason:text", "error?:error", ...LINE),
  "run.cancelled": fields(...RUN, "reason?:text", ...LINE),
  "run.expired": fields(...ATTEMPT, "reason?:text", "error?:error", ...LINE),
  "run.handed_back": fields(...ATTEMPT, "reason:text", ...LINE),
  "worker.started": fields("queues:texts", "tasks:texts", "slots:number", "threads:number"),
  "worker.stopping": fields("reason:text", "running:number"),
  "worker.stopped": fields("durationMs:number"),
  "events.lost": fields("count:number"),
};

function fields(...texts: readonly `${string}:${EventFieldKind}`[]): readonly EventField[] {
  return texts.map((text) => {
    const [name = "", kind = ""] = text.split(":");
    return { name: name.replace("?", ""), kind: checkKind(kind), optional: name.endsWith("?") };
  });
}

function checkKind(kind: string): EventFieldKind {
  return KINDS.find((known) => known === kind) ?? "text";
}
