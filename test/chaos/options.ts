import { parseArgs } from "node:util";
import { FAULT_KINDS, isFaultKind, type FaultKind } from "@umbel/testing/verify";

/** What the command line asks for. */
export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** `undefined`: all. */
  readonly faults: readonly FaultKind[] | undefined;
  readonly json: boolean;
}

const MINUTE_MS = 60_000;

/** @throws Error saying what is wrong with the command line. */
export function parseChaosOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
      minutes: { type: "string", default: "5" },
      faults: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    seed: seedOf(values.seed),
    durationMs: durationOf(values.minutes),
    faults: values.faults === undefined ? undefined : faultsOf(values.faults),
    json: values.json,
  };
}

/** The command that does the same again. */
export function replayCommand({ seed, durationMs, faults }: Omit<ChaosOptions, "json">): string {
  const only = faults === undefined ? "" : ` --faults ${faults.join(",")}`;
  return `npm run chaos -- --seed ${seed} --minutes ${durationMs / MINUTE_MS}${only}`;
}

function seedOf(text: string): number {
  const seed = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(seed))
    throw new Error(`--seed takes a whole number of at most nine digits, received "${text}"`);
  return seed;
}

function durationOf(text: string): number {
  const minutes = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (minutes >= 0.1 && minutes <= 1_440) return Math.round(minutes * MINUTE_MS);
  throw new Error(`--minutes takes a number from 0.1 to 1440, received "${text}"`);
}

function faultsOf(text: string): readonly FaultKind[] {
  return text.split(",").map((name) => {
    if (isFaultKind(name)) return name;
    throw new Error(`--faults takes some of ${FAULT_KINDS.join(",")}; received "${name}"`);
  });
}
