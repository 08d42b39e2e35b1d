import type { StoredDeadLetter } from "@umbel/broker";
import {
  checkFields,
  checkQueueName,
  checkTag,
  checkTaskName,
  DEAD_LETTER_REASONS,
  invalidArgument,
  isDeadLetterReason,
  nearestName,
  type DeadLetterReason,
} from "@umbel/protocol";
import { kindOf, metaOf } from "./dead-letter-info.ts";

/** Which dead letters are meant: those to which every field applies. */
export interface DeadLetterFilter {
  readonly queue?: string;
  readonly task?: string;
  readonly reason?: DeadLetterReason;
  /** Of the kind of their last error: one of `groups()`, or of any letter in a listing. */
  readonly fingerprint?: string;
  readonly tag?: string;
}

/** Dead letters to do something with. Without any field it means none: all of them must be said. */
export interface DeadLetterSelection extends DeadLetterFilter {
  /** Every dead letter of the mesh. Not together with a filter. */
  readonly all?: true;
}

const FIELDS: readonly (keyof DeadLetterFilter)[] = ["queue", "task", "reason", "fingerprint", "tag"];

/** The fields of a filter among `options`, checked. @throws UmbelError `invalid_argument` naming the wrong one */
export function checkDeadLetterFilter(
  options: object,
  what: string,
  more: readonly string[] = [],
): DeadLetterFilter {
  checkFields(options, what, [...FIELDS, ...more]);
  const filter: DeadLetterFilter = options;
  if (filter.queue !== undefined) checkQueueName(filter.queue, "queue");
  if (filter.task !== undefined) checkTaskName(filter.task, "task");
  if (filter.tag !== undefined) checkTag(filter.tag, "tag");
  checkReason(filter.reason);
  checkFingerprint(filter.fingerprint);
  return filter;
}

/** A selection, checked: it must say something. @throws UmbelError `invalid_argument` */
export function checkSelection(selection: object, what: string): DeadLetterFilter {
  const filter: DeadLetterSelection = checkDeadLetterFilter(selection, what, ["all"]);
  const narrowed = FIELDS.some((field) => filter[field] !== undefined);
  if (narrowed !== (filter.all === true)) return filter;
  throw invalidArgument({
    field: what,
    received: selection,
    expected: `at least one of ${FIELDS.join(", ")}, or all: true alone`,
  });
}

function checkReason(reason: unknown): void {
  if (reason === undefined || isDeadLetterReason(reason)) return;
  const nearest = typeof reason === "string" ? nearestName(reason, DEAD_LETTER_REASONS) : undefined;
  throw invalidArgument({
    field: "reason",
    received: reason,
    expected: `one of ${DEAD_LETTER_REASONS.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}

function checkFingerprint(fingerprint: unknown): void {
  if (fingerprint === undefined) return;
  if (typeof fingerprint === "string" && /^[0-9a-f]{16}$/.test(fingerprint)) return;
  throw invalidArgument({ field: "fingerprint", received: fingerprint, expected: "16 hexadecimal digits" });
}

/** Whether the filter asks for more than the subject of a letter tells. Pure. */
export function looksInside({ reason, fingerprint, tag }: DeadLetterFilter): boolean {
  return reason !== undefined || fingerprint !== undefined || tag !== undefined;
}

/** Whether `filter` means a letter of its queue and task. Pure. */
export function isMeant(filter: DeadLetterFilter, { letter }: Pick<StoredDeadLetter, "letter">): boolean {
  const { reason, fingerprint, tag } = filter;
  if (reason !== undefined && letter?.reason !== reason) return false;
  if (tag !== undefined && (letter === undefined || metaOf(letter)?.tags?.includes(tag) !== true))
    return false;
  return fingerprint === undefined || kindOf(letter).fingerprint === fingerprint;
}
