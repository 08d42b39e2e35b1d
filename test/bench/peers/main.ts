// npm run bench:peers [-- <match>… --only <contender> --n N --rounds N --minutes M --targets --quick --add --list --results FOLDER]
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatNumber } from "../report/table.ts";
import type { Figures } from "../scenario.ts";
import type { Contender } from "./contenders/contender.ts";
import { contenderNamed } from "./contenders/contender-list.ts";
import { describeMachine, describeVersions } from "./describe.ts";
import { MATCHES } from "./matches/match-list.ts";
import type { Match } from "./matches/match.ts";
import { chosenOf, parsePeerOptions, type PeerOptions } from "./peer-options.ts";
import { formatMarkdown } from "./report/markdown.ts";
import { withTargets } from "./report/targets.ts";
import { plotResults } from "./report/plot-results.ts";
import { resultsSchema, type Results } from "./results.ts";
import { holdTournament } from "./tournament.ts";

const FAILED = 1;
const USAGE = 2;
const MS_PER_MINUTE = 60_000;
const FOLDER = join(import.meta.dirname, "../results");
const NAME = "peers";

await main(process.argv.slice(2));
// A worker that was left behind on purpose is gone with its broker; nothing else is waited for.
process.exit();

async function main(args: readonly string[]): Promise<void> {
  let options: PeerOptions;
  try {
    options = parsePeerOptions(args);
  } catch (error) {
    return complain(error, USAGE);
  }
  const matches = chosenOf(options.targets ? withTargets(MATCHES) : MATCHES, options.matches);
  if (options.list) return list(matches);
  if (matches.length === 0) return complain(`no match is called like ${options.matches.join(", ")}`, USAGE);
  await measure(matches, options).catch((error: unknown) => complain(error, FAILED));
}

function complain(error: unknown, exitCode: number): void {
  process.stderr.write(`bench:peers: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCode;
}

function list(matches: readonly Match[]): void {
  for (const { name, about, contenders } of matches)
    process.stdout.write(`${name}: ${about}\n    ${contenders.join(", ")}\n`);
}

async function measure(matches: readonly Match[], options: PeerOptions): Promise<void> {
  const { minutes = Infinity, only, n, rounds, quick, add } = options;
  const folder = options.results ?? FOLDER;
  const results = (add ? await readResults(folder) : undefined) ?? (await freshResults());
  const endsAt = performance.now() + minutes * MS_PER_MINUTE;
  const already = results.failures.length;
  await holdTournament(matches, results, {
    only,
    n,
    rounds,
    quick,
    isOver: () => performance.now() >= endsAt,
    contenderNamed,
    onMeasured: tell,
    onFailed: (line) => process.stderr.write(`FAILED ${line}\n`),
  });
  await writeResults(folder, results);
  process.stdout.write(formatMarkdown(results));
  process.stdout.write(`\n${join(folder, `${NAME}.md`)}, .json and .svg hold the same.\n`);
  for (const [name, how] of Object.entries(results.missing))
    process.stderr.write(`skipped ${name}: ${how}\n`);
  if (results.failures.length > already) process.exitCode = FAILED;
}

function tell({ name, figures }: Match, contender: Contender, measured: Figures): void {
  const words = figures.map(({ figure }) => `${figure} ${formatNumber(measured[figure])}`);
  process.stderr.write(`${name} | ${contender.name} | ${contender.durability.mode} | ${words.join(", ")}\n`);
}

async function freshResults(): Promise<Results> {
  return {
    startedAt: new Date().toISOString(),
    machine: describeMachine(),
    versions: await describeVersions(),
    matches: [],
    missing: {},
    failures: [],
  };
}

async function readResults(folder: string): Promise<Results | undefined> {
  const text = await readFile(join(folder, `${NAME}.json`), "utf8").catch(() => undefined);
  return text === undefined ? undefined : resultsSchema.parse(JSON.parse(text));
}

async function writeResults(folder: string, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = {
    json: `${JSON.stringify(results, undefined, 1)}\n`,
    md: formatMarkdown(results),
    svg: plotResults(results),
  };
  for (const [kind, text] of Object.entries(files)) await writeFile(join(folder, `${NAME}.${kind}`), text);
}
