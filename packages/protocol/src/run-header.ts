import { MAX_DURATION_MS } from "./duration.ts";
import { isRunId, isTaskName } from "./names.ts";
import { MAX_RESULT_TTL_MS, MIN_RESULT_TTL_MS } from "./result-ttl.ts";
import { MAX_ATTEMPTS } from "./retry-policy.ts";
import { describe, UmbelError } from "./umbel-error.ts";

/** The header that makes a message an Umbel run. */
export const RUN_HEADER = "Umbel";
/** The version of the wire protocol that this code speaks. */
export const PROTOCOL_VERSION = "1";

/** All that routing, retrying and watching a run needs, without its body. Times in milliseconds since the epoch. */
export interface RunMeta {
  readonly task: string;
  readonly enqueuedAt: number;
  /** Who published it: tells one's own write from another's after a time-out. */
  readonly origin: string;
  /** The attempt that the next start belongs to, from 1. */
  readonly attempt: number;
  /** Published more than once, perhaps: read the run record before the first start. */
  readonly verify: boolean;
  /** No start before this. */
  readonly dueAt?: number;
  /** No start after this. */
  readonly expiresAt?: number;
  /** These overrule the worker's own definition of the task. */
  readonly maxAttempts?: number;
  readonly timeoutMs?: number;
  readonly resultTtlMs?: number;
  /** The run whose handler enqueued this one, and the first run of that line. */
  readonly parentRunId?: string;
  readonly rootRunId?: string;
}

/**
 * The value of the `Umbel` header: `1;<task>;<enqueuedAt>;<origin>` and then `;key=value` for whatever is not
 * the default. Few bytes and one header, because every header costs.
 */
export function formatRunHeader(meta: RunMeta): string {
  let text = `${PROTOCOL_VERSION};${meta.task};${meta.enqueuedAt};${meta.origin}`;
  if (meta.attempt !== 1) text += `;a=${meta.attempt}`;
  if (meta.verify) text += ";v=1";
  if (meta.dueAt !== undefined) text += `;d=${meta.dueAt}`;
  if (meta.expiresAt !== undefined) text += `;x=${meta.expiresAt}`;
  return text + formatOverrides(meta);
}

function formatOverrides(meta: RunMeta): string {
  let text = "";
  if (meta.maxAttempts !== undefined) text += `;m=${meta.maxAttempts}`;
  if (meta.timeoutMs !== undefined) text += `;t=${meta.timeoutMs}`;
  if (meta.resultTtlMs !== undefined) text += `;l=${meta.resultTtlMs}`;
  if (meta.parentRunId !== undefined) text += `;p=${meta.parentRunId}`;
  if (meta.rootRunId !== undefined) text += `;r=${meta.rootRunId}`;
  return text;
}

/**
 * The meta data that a header's value holds. Unknown keys are left alone, so that a newer producer can add some.
 *
 * @throws UmbelError `undecodable` for anything that is not a run of this protocol version.
 */
export function parseRunHeader(value: string): RunMeta {
  const [version, task, enqueuedAt, origin, ...pairs] = value.split(";");
  if (version !== PROTOCOL_VERSION)
    throw undecodable(`protocol version ${describe(version)} is not known`, value);
  if (task === undefined || enqueuedAt === undefined || origin === undefined || origin === "") {
    throw undecodable("it must hold at least version, task, time and origin", value);
  }
  if (!isTaskName(task)) throw undecodable(`${describe(task)} cannot name a task`, value);
  const base = { task, enqueuedAt: wholeNumber(enqueuedAt, TIME, value), origin, attempt: 1, verify: false };
  // The fast path: nothing but defaults.
  return pairs.length === 0 ? base : withPairs(base, pairs, value);
}

function withPairs(base: RunMeta, pairs: readonly string[], value: string): RunMeta {
  const meta: { -readonly [Key in keyof RunMeta]: RunMeta[Key] } = { ...base };
  for (const pair of pairs) {
    const key = pair.slice(0, 2);
    const text = pair.slice(2);
    const numeric = NUMBERS[key];
    if (numeric !== undefined) meta[numeric.field] = wholeNumber(text, numeric, value);
    else if (key === "v=") meta.verify = text === "1";
    else if (key === "p=") meta.parentRunId = lineage(text, value);
    else if (key === "r=") meta.rootRunId = lineage(text, value);
  }
  return meta;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/** What a Date can hold. */
const TIME: Range = { least: 0, most: 8_640_000_000_000_000 };

const NUMBERS: Readonly<
  Partial<
    Record<
      string,
      Range & { field: "attempt" | "dueAt" | "expiresAt" | "maxAttempts" | "timeoutMs" | "resultTtlMs" }
    >
  >
> = {
  "a=": { field: "attempt", least: 1, most: Number.MAX_SAFE_INTEGER },
  "d=": { field: "dueAt", ...TIME },
  "x=": { field: "expiresAt", ...TIME },
  "m=": { field: "maxAttempts", least: 1, most: MAX_ATTEMPTS },
  "t=": { field: "timeoutMs", least: 1, most: MAX_DURATION_MS },
  "l=": { field: "resultTtlMs", least: MIN_RESULT_TTL_MS, most: MAX_RESULT_TTL_MS },
};

function wholeNumber(text: string, { least, most }: Range, value: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw undecodable(`${describe(text)} is not a whole number from ${least} to ${most}`, value);
}

function lineage(text: string, value: string): string {
  if (isRunId(text)) return text;
  throw undecodable(`${describe(text)} is not a run id`, value);
}

function undecodable(reason: string, value: string): UmbelError {
  const received = describe(value);
  return new UmbelError(
    "undecodable",
    `the ${RUN_HEADER} header is not readable: ${reason}. Received ${received}.`,
    { details: { field: RUN_HEADER, received } },
  );
}
