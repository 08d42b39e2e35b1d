import { parseArgs } from "node:util";
import { UmbelError } from "@umbel/protocol";
import type { Share } from "./data-set/data-set.ts";

/** How the demo is run. */
export interface DemoOptions {
  /** Write one JSON object as the last line of standard output, and everything else to standard error. */
  readonly json: boolean;
  /** Leave everything running at the end. */
  readonly keep: boolean;
  readonly share: Share;
}

/** How the demo is called. */
export const USAGE = `npm run demo -- [--json] [--keep] [--quick]

  --json   one JSON object as the last line, everything else on standard error
  --keep   leave it running at the end, with the address of its API
  --quick  a fourth of the data`;

/** @throws UmbelError `invalid_argument` for an argument that is not known. */
export function parseOptions(args: readonly string[]): DemoOptions {
  const { json = false, keep = false, quick = false } = parse(args);
  return { json, keep, share: quick ? "quick" : "full" };
}

function parse(args: readonly string[]): { json?: boolean; keep?: boolean; quick?: boolean } {
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({ args: [...args], options: { json: flag, keep: flag, quick: flag } }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UmbelError("invalid_argument", `${reason}\n\n${USAGE}`, { cause });
  }
}
