// Real servers and processes with very few runs: that the benchmarks work, not how fast anything is.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// Two servers and up to four processes, one after another.
const TIMEOUT_MS = 120_000;
const MAIN = new URL("./main.ts", import.meta.url).pathname;

async function bench(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=source", MAIN, ...args]);
  return stdout;
}

test.each([
  ["process", "rate"],
  ["enqueue", "rate"],
  ["enqueue-many", "rate"],
  ["roundtrip", "p99Ms"],
])(
  "%s measures both sides and prints one line of JSON",
  { timeout: TIMEOUT_MS },
  async (scenario, figure) => {
    const lines = (await bench(scenario, "--n", "100", "--rounds", "1", "--json")).trimEnd().split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      scenario,
      n: 100,
      [figure]: expect.any(Number),
      raw: { [figure]: expect.any(Number) },
      ratio: expect.any(Number),
      durability: "R1 file, sync_interval 1s",
      versions: { node: process.versions.node, natsServer: expect.any(String) },
    });
  },
);

test("without a scenario all are listed", { timeout: TIMEOUT_MS }, async () => {
  const text = await bench();
  for (const name of ["process-1", "enqueue-awaited", "cpu", "memory", "backlog", "cancel", "soak"])
    expect(text).toContain(`  ${name} `);
});

test("an unknown scenario is a usage error", { timeout: TIMEOUT_MS }, async () => {
  await expect(bench("nonsense")).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no scenario "nonsense"'),
  });
});
