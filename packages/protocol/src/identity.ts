import { checkFields } from "./check-options.ts";
import { parsePositiveDuration, type Duration } from "./duration.ts";
import type { LockUntil } from "./lock-record.ts";
import { describe, invalidArgument } from "./umbel-error.ts";

/**
 * For how long a run is the only one of its key: until a handler has begun it, until it has an outcome, or for a
 * time from its enqueue, whatever becomes of it.
 */
export type Unique = "until-started" | "until-done" | { readonly for: Duration };

/** Many enqueues, one run: of the last input, once they have paused. */
export type Debounce<Key = string> =
  | Duration
  | {
      /** The run starts when no enqueue of its key has come for this long. At least a second. */
      readonly for: Duration;
      /** It is not put off longer than this after the first one. @default as long as they come */
      readonly max?: Duration;
      /** What is one. @default the task: all enqueues of it are one */
      readonly key?: Key;
    };

/** What makes an enqueue the same as an earlier one. */
export interface IdentityOptions<Key = string> {
  /** Enqueueing it again gives the run that is there. `false`: not, whatever the task says. @default not */
  readonly unique?: Unique | false;
  /** What is the same, within the task. @default the input: runs with equal inputs are the same */
  readonly uniqueKey?: Key;
  /** Wait for a pause, and run once with the last input. `false`: not, whatever the task says. @default not */
  readonly debounce?: Debounce<Key> | false;
}

/** The names of {@link IdentityOptions}. */
export const IDENTITY_FIELDS = ["unique", "uniqueKey", "debounce"] as const;

/** {@link IdentityOptions}, checked. */
export interface Identity<Input = unknown> {
  readonly until: LockUntil;
  /** Of `time`: how long. Of `fired`: how long a pause. 0 for the others. */
  readonly forMs: number;
  /** Of `fired`: the longest wait in all. */
  readonly maxMs: number | undefined;
  readonly key: string | undefined;
  /** Makes the key from the input, where the task says so. */
  keyOf?(input: Input): string;
}

/** A key that is text, or is made from the input. */
export type TaskKey<Input> = string | ((input: Input) => string);

/** The longest key, in characters. */
export const MAX_KEY_LENGTH = 1_000;
/** The shortest time that the broker can keep a lock, or that a wait can be put off by. */
export const MIN_HOLD_MS = 1_000;

/**
 * What `options` say; `undefined` when nothing, or that there is none. `field` tells how errors call an option.
 *
 * @throws UmbelError `invalid_argument` naming the wrong option.
 */
export function resolveIdentity<Input>(
  options: IdentityOptions<TaskKey<Input>>,
  field: (option: string) => string,
): Identity<Input> | undefined {
  const { unique, uniqueKey, debounce } = options;
  const isUnique = unique !== undefined && unique !== false;
  const isDebounced = debounce !== undefined && debounce !== false;
  if (isUnique && isDebounced) {
    throw invalidArgument({
      field: field("debounce"),
      received: debounce,
      expected: "either unique or debounce",
    });
  }
  if (uniqueKey !== undefined && !isUnique) {
    const fix = 'Say until when: unique: "until-done".';
    throw invalidArgument({
      field: field("uniqueKey"),
      received: uniqueKey,
      expected: "a key of unique",
      fix,
    });
  }
  if (isUnique) return resolveUnique(unique, uniqueKey, field);
  return isDebounced ? resolveDebounce(debounce, field("debounce")) : undefined;
}

function resolveUnique<Input>(
  unique: Unique,
  key: TaskKey<Input> | undefined,
  field: (option: string) => string,
): Identity<Input> {
  const keyed = resolveKey(key, field("uniqueKey"));
  if (unique === "until-started") return { until: "started", forMs: 0, maxMs: undefined, ...keyed };
  if (unique === "until-done") return { until: "done", forMs: 0, maxMs: undefined, ...keyed };
  if (typeof unique !== "object" || unique === null) {
    throw invalidArgument({
      field: field("unique"),
      received: unique,
      expected: '"until-started", "until-done" or { for: a duration }',
    });
  }
  checkFields(unique, field("unique"), ["for"]);
  return { until: "time", forMs: holdMs(unique.for, `${field("unique")}.for`), maxMs: undefined, ...keyed };
}

function resolveDebounce<Input>(debounce: Debounce<TaskKey<Input>>, field: string): Identity<Input> {
  if (typeof debounce !== "object" || debounce === null) {
    return { until: "fired", forMs: holdMs(debounce, field), maxMs: undefined, key: "" };
  }
  checkFields(debounce, field, ["for", "max", "key"]);
  const forMs = holdMs(debounce.for, `${field}.for`);
  const maxMs = debounce.max === undefined ? undefined : parsePositiveDuration(debounce.max, `${field}.max`);
  if (maxMs !== undefined && maxMs < forMs) {
    const expected = "at least as long as for";
    throw invalidArgument({ field: `${field}.max`, received: debounce.max, expected });
  }
  return { until: "fired", forMs, maxMs, ...resolveKey(debounce.key ?? "", `${field}.key`) };
}

function holdMs(value: Duration, field: string): number {
  const ms = parsePositiveDuration(value, field);
  if (ms >= MIN_HOLD_MS) return ms;
  throw invalidArgument({ field, received: value, expected: "at least a second" });
}

function resolveKey<Input>(
  key: TaskKey<Input> | undefined,
  field: string,
): Pick<Identity<Input>, "key" | "keyOf"> {
  if (typeof key === "function") {
    return { key: undefined, keyOf: (input) => checkKey(key(input), field) };
  }
  return { key: key === undefined ? undefined : checkKey(key, field) };
}

function checkKey(key: unknown, field: string): string {
  if (typeof key === "string" && key.length <= MAX_KEY_LENGTH) return key;
  const expected = `text of at most ${MAX_KEY_LENGTH} characters`;
  throw invalidArgument({ field, received: describe(key), expected });
}
