import { MAX_DURATION_MS } from "./duration.ts";
import type { Backoff, Jitter } from "./retry-policy.ts";

/** `backoff` in the run header: `f,<delay>,<jitter>` or `x,<base>,<max>,<factor>,<jitter>`, in milliseconds. */
export function formatBackoff(backoff: Backoff): string {
  return backoff.kind === "fixed"
    ? `f,${backoff.delayMs},${backoff.jitter}`
    : `x,${backoff.baseMs},${backoff.maxMs},${backoff.factor},${backoff.jitter}`;
}

const FIXED = /^f,(\d{1,15}),(full|none)$/;
const EXPONENTIAL = /^x,(\d{1,15}),(\d{1,15}),(\d{1,3}(?:\.\d+)?),(full|none)$/;

/** What {@link formatBackoff} made `text` from; `undefined` when nothing gives it. */
export function parseBackoff(text: string): Backoff | undefined {
  const [, delay, jitter] = FIXED.exec(text) ?? [];
  if (delay !== undefined) return within({ kind: "fixed", delayMs: Number(delay), jitter: toJitter(jitter) });
  const [, base, max, factor, ofExponential] = EXPONENTIAL.exec(text) ?? [];
  if (base === undefined) return undefined;
  return within({
    kind: "exponential",
    baseMs: Number(base),
    maxMs: Number(max),
    factor: Number(factor),
    jitter: toJitter(ofExponential),
  });
}

function within(backoff: Backoff): Backoff | undefined {
  if (backoff.kind === "fixed") return backoff.delayMs <= MAX_DURATION_MS ? backoff : undefined;
  const { baseMs, maxMs, factor } = backoff;
  const fits = Math.max(baseMs, maxMs) <= MAX_DURATION_MS && factor >= 1 && factor <= 100;
  return fits ? backoff : undefined;
}

function toJitter(text: string | undefined): Jitter {
  return text === "none" ? "none" : "full";
}
