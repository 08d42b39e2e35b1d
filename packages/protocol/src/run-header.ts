import { checkRunId, checkTaskName } from "./names.ts";
import { UmbelError } from "./umbel-error.ts";

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
  if (version !== PROTOCOL_VERSION) throw undecodable(`protocol version "${version}" is not known`, value);
  if (task === undefined || enqueuedAt === undefined || origin === undefined || origin === "") {
    throw undecodable("it must hold at least version, task, time and origin", value);
  }
  const base = { task, enqueuedAt: wholeNumber(enqueuedAt, value), origin, attempt: 1, verify: false };
  // The fast path: nothing but defaults, and names of a known form are checked by whoever looks the task up.
  return pairs.length === 0 ? base : withPairs(base, pairs, value);
}

function withPairs(base: RunMeta, pairs: readonly string[], value: string): RunMeta {
  const meta: { -readonly [Key in keyof RunMeta]: RunMeta[Key] } = { ...base };
  for (const pair of pairs) {
    const key = pair.slice(0, 2);
    const text = pair.slice(2);
    const numeric = NUMBERS[key];
    if (numeric !== undefined) meta[numeric] = wholeNumber(text, value);
    else if (key === "v=") meta.verify = text === "1";
    else if (key === "p=") meta.parentRunId = lineage(text, value);
    else if (key === "r=") meta.rootRunId = lineage(text, value);
  }
  if (meta.attempt < 1) throw undecodable("the attempt must be 1 or more", value);
  return meta;
}

const NUMBERS: Readonly<
  Record<string, "attempt" | "dueAt" | "expiresAt" | "maxAttempts" | "timeoutMs" | "resultTtlMs">
> = {
  "a=": "attempt",
  "d=": "dueAt",
  "x=": "expiresAt",
  "m=": "maxAttempts",
  "t=": "timeoutMs",
  "l=": "resultTtlMs",
};

function wholeNumber(text: string, value: string): number {
  const number = Number(text);
  if (text === "" || !Number.isSafeInteger(number) || number < 0) {
    throw undecodable(`"${text}" is not a whole number`, value);
  }
  return number;
}

function lineage(text: string, value: string): string {
  try {
    return checkRunId(text);
  } catch {
    throw undecodable(`"${text}" is not a run id`, value);
  }
}

function undecodable(reason: string, value: string): UmbelError {
  const shown = value.slice(0, 200);
  return new UmbelError(
    "undecodable",
    `the ${RUN_HEADER} header is not readable: ${reason}. Received "${shown}".`,
    {
      details: { field: RUN_HEADER, received: shown },
    },
  );
}

/** Whether the task that a foreign header names could be a task at all. */
export function isTaskName(name: string): boolean {
  try {
    checkTaskName(name);
    return true;
  } catch {
    return false;
  }
}
