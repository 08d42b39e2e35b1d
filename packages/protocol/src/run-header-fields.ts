import { formatBackoff, parseBackoff } from "./backoff-text.ts";
import { MAX_DURATION_MS } from "./duration.ts";
import { encodeToken } from "./names.ts";
import { MAX_RESULT_TTL_MS, MIN_RESULT_TTL_MS } from "./result-ttl.ts";
import { MAX_ATTEMPTS } from "./retry-policy.ts";
import { failureTask, formatFailureTask } from "./failure-task.ts";
import {
  formatTokens,
  runIdText,
  tokenText,
  tokenTexts,
  undecodableHeader,
  wholeNumber,
  wholeTime,
  type Range,
} from "./run-header-values.ts";
import type { RunMeta } from "./run-header.ts";
import { describe } from "./umbel-error.ts";

/** One optional field of the header: how its value is written, and read back. */
interface FieldCodec {
  format(meta: RunMeta): string | undefined;
  parse(text: string, value: string): Partial<RunMeta>;
}

const COUNT: Range = { least: 1, most: Number.MAX_SAFE_INTEGER };
const ATTEMPTS: Range = { least: 1, most: MAX_ATTEMPTS };
const DURATION: Range = { least: 1, most: MAX_DURATION_MS };
const RESULT_TTL: Range = { least: MIN_RESULT_TTL_MS, most: MAX_RESULT_TTL_MS };

const CODECS: Readonly<Record<string, FieldCodec>> = {
  a: {
    format: ({ attempt }) => (attempt === 1 ? undefined : String(attempt)),
    parse: (text, value) => ({ attempt: wholeNumber(text, COUNT, value) }),
  },
  v: { format: ({ verify }) => flag(verify), parse: (text) => ({ verify: text === "1" }) },
  d: {
    format: ({ dueAt }) => numeral(dueAt),
    parse: (text, value) => ({ dueAt: wholeTime(text, value) }),
  },
  h: {
    format: ({ firstDueAt }) => numeral(firstDueAt),
    parse: (text, value) => ({ firstDueAt: wholeTime(text, value) }),
  },
  x: {
    format: ({ expiresAt }) => numeral(expiresAt),
    parse: (text, value) => ({ expiresAt: wholeTime(text, value) }),
  },
  z: {
    format: ({ deadlineAt }) => numeral(deadlineAt),
    parse: (text, value) => ({ deadlineAt: wholeTime(text, value) }),
  },
  m: {
    format: ({ maxAttempts }) => (maxAttempts === Number.POSITIVE_INFINITY ? "*" : numeral(maxAttempts)),
    parse: (text, value) => ({
      maxAttempts: text === "*" ? Number.POSITIVE_INFINITY : wholeNumber(text, ATTEMPTS, value),
    }),
  },
  e: {
    format: ({ maxElapsedMs }) => numeral(maxElapsedMs),
    parse: (text, value) => ({ maxElapsedMs: wholeNumber(text, DURATION, value) }),
  },
  b: {
    format: ({ backoff }) => (backoff === undefined ? undefined : formatBackoff(backoff)),
    parse: (text, value) => {
      const backoff = parseBackoff(text);
      if (backoff !== undefined) return { backoff };
      throw undecodableHeader(`${describe(text)} is not a backoff`, value);
    },
  },
  t: {
    format: ({ timeoutMs }) => numeral(timeoutMs),
    parse: (text, value) => ({ timeoutMs: wholeNumber(text, DURATION, value) }),
  },
  l: {
    format: ({ resultTtlMs }) => numeral(resultTtlMs),
    parse: (text, value) => ({ resultTtlMs: wholeNumber(text, RESULT_TTL, value) }),
  },
  i: {
    // "0" overrules a task that says otherwise.
    format: ({ ignoreResult }) => flag(ignoreResult) ?? (ignoreResult === false ? "0" : undefined),
    parse: (text) => ({ ignoreResult: text === "1" }),
  },
  f: {
    format: ({ onFailure }) => (onFailure === undefined ? undefined : formatFailureTask(onFailure)),
    parse: (text, value) => ({ onFailure: failureTask(text, value) }),
  },
  p: {
    format: ({ parentRunId }) => parentRunId,
    parse: (text, value) => ({ parentRunId: runIdText(text, value) }),
  },
  r: {
    format: ({ rootRunId }) => rootRunId,
    parse: (text, value) => ({ rootRunId: runIdText(text, value) }),
  },
  o: {
    format: ({ redriveOf }) => redriveOf,
    parse: (text, value) => ({ redriveOf: runIdText(text, value) }),
  },
  g: {
    format: ({ tags }) => (tags === undefined || tags.length === 0 ? undefined : formatTokens(tags)),
    parse: (text, value) => ({ tags: tokenTexts(text, value) }),
  },
  u: {
    format: ({ lock }) => (lock === undefined ? undefined : encodeToken(lock)),
    parse: (text, value) => ({ lock: tokenText(text, value) }),
  },
  y: { format: ({ reorder }) => flag(reorder), parse: (text) => ({ reorder: text === "1" }) },
};

const FORMATS = Object.entries(CODECS).map(([letter, codec]) => ({ prefix: `;${letter}=`, codec }));

/** `;key=value` for every field of `meta` that is not the default. */
export function formatFields(meta: RunMeta): string {
  let text = "";
  for (const { prefix, codec } of FORMATS) {
    const value = codec.format(meta);
    if (value !== undefined) text += prefix + value;
  }
  return text;
}

/** What `pair`, one `key=value` of the header `value`, says; nothing when its key is not known. @throws UmbelError */
export function parseField(pair: string, value: string): Partial<RunMeta> {
  const letter = pair.slice(0, 1);
  if (pair[1] !== "=" || !Object.hasOwn(CODECS, letter)) return {};
  return CODECS[letter]?.parse(pair.slice(2), value) ?? {};
}

function flag(value: boolean | undefined): string | undefined {
  return value === true ? "1" : undefined;
}

function numeral(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
