import type { LogLevel } from "@umbel/telemetry";
import { InvalidArgumentError } from "commander";
import { parseDuration, parsePositiveDuration, parseRate, UmbelError } from "@umbel/protocol";

const DURATIONS = 'Expected a duration such as "250ms", "30s", "5m", "2h", "1d".';

/** A duration in milliseconds. @throws InvalidArgumentError */
export function duration(text: string): number {
  return parsed(() => parseDuration(text, "duration"));
}

/** A duration above zero, in milliseconds. @throws InvalidArgumentError */
export function positiveDuration(text: string): number {
  return parsed(() => parsePositiveDuration(text, "duration"));
}

/** How long to wait between two looks, in milliseconds. @throws InvalidArgumentError */
export function lookInterval(text: string): number {
  const ms = positiveDuration(text);
  if (ms >= SHORTEST_LOOK_MS) return ms;
  throw new InvalidArgumentError(`Expected at least ${SHORTEST_LOOK_MS}ms: the server has other work to do.`);
}

const SHORTEST_LOOK_MS = 200;

/** How often something may happen. @throws InvalidArgumentError */
export function rate(text: string): string {
  parsed(() => parseRate(text), 'Expected a rate such as "100/s", "30/m" or "5/h".');
  return text;
}

/** How long to wait, in milliseconds. @throws InvalidArgumentError */
export function waitLimit(text: string): number {
  return parsed(() => parsePositiveDuration(text, "wait"), `${DURATIONS} Without one, put --wait last.`);
}

/** Reads whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** The levels that a worker can log at. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];

/** How many copies a stream can have. @throws InvalidArgumentError */
export function replicas(text: string): number {
  if (text === "1" || text === "3" || text === "5") return Number(text);
  throw new InvalidArgumentError("Expected 1, 3 or 5.");
}

/** The names in `"a,b"`. @throws InvalidArgumentError when there is none */
export function nameList(text: string): readonly string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length > 0) return names;
  throw new InvalidArgumentError('Expected names with commas between them, such as "media,mail".');
}

/** `name=value`, added to the ones before. @throws InvalidArgumentError */
export function headerPair(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at > 0) return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('Expected name=value, such as "tenant=acme".');
}

function parsed(parse: () => number, complaint = DURATIONS): number {
  try {
    return parse();
  } catch (error) {
    if (UmbelError.is(error)) throw new InvalidArgumentError(complaint);
    throw error;
  }
}
