// npm run chaos [-- --seed N --minutes N --faults a,b --json]
import { ownCluster, reportText, verifySite } from "@umbel/testing/verify";
import { parseChaosOptions, replayCommand, type ChaosOptions } from "./options.ts";

const FAILED = 1;
const USAGE = 2;

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  let options: ChaosOptions;
  try {
    options = parseChaosOptions(args);
  } catch (error) {
    return complain(error, USAGE);
  }
  await run(options).catch((error: unknown) => complain(error, FAILED));
}

function complain(error: unknown, exitCode: number): void {
  process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCode;
}

async function run(options: ChaosOptions): Promise<void> {
  const { json, ...rest } = options;
  const beganAt = performance.now();
  const tell = (line: string): void => {
    const seconds = ((performance.now() - beganAt) / 1_000).toFixed(1);
    if (!json) process.stderr.write(`${seconds.padStart(7)} s  ${line}\n`);
  };
  await using site = await ownCluster();
  const report = await verifySite(site, { ...rest, onProgress: tell });
  const broken = report.violations.length > 0;
  if (broken) process.exitCode = FAILED;
  const replay = replayCommand(options);
  if (json) process.stdout.write(`${JSON.stringify({ ...report, replay })}\n`);
  else process.stdout.write(`${reportText(report)}\n`);
  if (broken && !json) process.stdout.write(`  history: ${report.folder}\n  again:   ${replay}\n`);
}
