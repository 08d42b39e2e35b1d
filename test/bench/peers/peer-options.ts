import { parseArgs } from "node:util";

/** What the command line asks for. Absent numbers are each match's own. */
export interface PeerOptions {
  /** Parts of the names of matches; none: all of them. */
  readonly matches: readonly string[];
  /** Parts of the names of contenders; none: all of them. The first of a match is always measured. */
  readonly only: readonly string[];
  readonly n: number | undefined;
  readonly rounds: number | undefined;
  /** No round begins after so long. */
  readonly minutes: number | undefined;
  /** Only what something was set out for, and only against whom. */
  readonly targets: boolean;
  /** Two rounds fewer of everything, but one at least. */
  readonly quick: boolean;
  /** Go on with what was measured before. */
  readonly add: boolean;
  readonly list: boolean;
  readonly results: string | undefined;
}

/** @throws Error saying what is wrong with the command line. */
export function parsePeerOptions(args: readonly string[]): PeerOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: "string", multiple: true, default: [] },
      n: { type: "string" },
      rounds: { type: "string" },
      minutes: { type: "string" },
      targets: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      add: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      results: { type: "string" },
    },
  });
  return {
    matches: positionals,
    only: values.only,
    n: countOf("--n", values.n),
    rounds: countOf("--rounds", values.rounds),
    minutes: countOf("--minutes", values.minutes),
    targets: values.targets,
    quick: values.quick,
    add: values.add,
    list: values.list,
    results: values.results,
  };
}

/** Those of `all` that are called like one of `parts`, or have one in their names; without parts, all. Pure. */
export function chosenOf<Named extends { readonly name: string }>(
  all: readonly Named[],
  parts: readonly string[],
): readonly Named[] {
  if (parts.length === 0) return all;
  const names = new Set(all.map(({ name }) => name));
  return all.filter(({ name }) =>
    parts.some((part) => (names.has(part) ? name === part : name.includes(part))),
  );
}

function countOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`${option} takes a whole number above 0, received "${text}"`);
}
