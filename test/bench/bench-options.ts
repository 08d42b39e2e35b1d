import { parseArgs } from "node:util";

/** What the command line asks for. Absent numbers are the scenario's own. */
export interface BenchOptions {
  /** `undefined`: only list what there is. */
  readonly scenario: string | undefined;
  readonly json: boolean;
  readonly profile: boolean;
  readonly n: number | undefined;
  readonly rounds: number | undefined;
  readonly syncInterval: string;
}

/** @throws Error saying what is wrong with the command line. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      n: { type: "string" },
      rounds: { type: "string" },
      "sync-interval": { type: "string", default: "1s" },
    },
  });
  const [scenario, ...more] = positionals;
  if (more.length > 0) throw new Error(`one scenario at a time, or "all"; received also: ${more.join(" ")}`);
  return {
    scenario,
    json: values.json,
    profile: values.profile,
    n: countOf("--n", values.n),
    rounds: countOf("--rounds", values.rounds),
    syncInterval: values["sync-interval"],
  };
}

function countOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`${option} takes a whole number above 0, received "${text}"`);
}
