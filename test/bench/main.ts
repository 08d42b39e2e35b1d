// npm run bench [-- <scenario> | all] [--json] [--n N] [--rounds N] [--profile] [--sync-interval D]
import { parseBenchOptions, type BenchOptions } from "./bench-options.ts";
import { formatProfiles } from "./report/cpu-profile.ts";
import { describeEnvironment, type Environment } from "./report/environment.ts";
import { formatJsonLine } from "./report/json-line.ts";
import { summarize } from "./report/summary.ts";
import { formatNumber, formatTable } from "./report/table.ts";
import { runScenario, type OnMeasured } from "./run-scenario.ts";
import { SCENARIOS } from "./scenario-list.ts";
import type { Scenario } from "./scenario.ts";

const FAILED = 1;
const USAGE = 2;
const HOT_FUNCTIONS = 25;

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  let options: BenchOptions;
  try {
    options = parseBenchOptions(args);
  } catch (error) {
    return complain(error, USAGE);
  }
  await run(options).catch((error: unknown) => complain(error, FAILED));
}

function complain(error: unknown, exitCode: number): void {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCode;
}

async function run(options: BenchOptions): Promise<void> {
  if (options.scenario === undefined) return list(process.stdout);
  const chosen = SCENARIOS.filter(({ name }) => options.scenario === "all" || options.scenario === name);
  if (chosen.length === 0) {
    complain(`there is no scenario "${options.scenario}"`, USAGE);
    return list(process.stderr);
  }
  const environment = await describeEnvironment(options.syncInterval);
  for (const scenario of chosen) await benchmark(scenario, options, environment);
}

function list(stream: NodeJS.WriteStream): void {
  const width = Math.max(...SCENARIOS.map(({ name }) => name.length));
  stream.write(
    "npm run bench -- <scenario> [--json] [--n N] [--rounds N] [--profile] [--sync-interval D]\n\n",
  );
  for (const { name, about } of SCENARIOS) stream.write(`  ${name.padEnd(width)}  ${about}\n`);
  stream.write(`  ${"all".padEnd(width)}  all of them, one after another\n`);
}

async function benchmark(scenario: Scenario, options: BenchOptions, environment: Environment): Promise<void> {
  const measured = await runScenario(scenario, options, options.json ? () => undefined : progress(scenario));
  const summary = summarize(scenario, measured.rounds);
  const format = options.json ? formatJsonLine : formatTable;
  process.stdout.write(`${format(scenario, measured, { summary, environment })}\n`);
  if (measured.profileDir !== undefined && !options.json)
    process.stdout.write(await formatProfiles(measured.profileDir, HOT_FUNCTIONS));
}

function progress({ name }: Scenario): OnMeasured {
  return (side, round, figures) => {
    const words = Object.entries(figures).map(([figure, value]) => `${figure} ${formatNumber(value)}`);
    process.stderr.write(`${name} round ${round} ${side.padEnd(4)} ${words.join(", ")}\n`);
  };
}
