// Real servers and processes with very few runs: that the benchmarks work, not how fast anything is.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findServer } from "@umbel/nats-server";
import { expect, onTestFinished, test } from "vitest";
import { resultsSchema } from "./peers/results.ts";

// Two servers and up to four processes, one after another.
const TIMEOUT_MS = 120_000;
const MAIN = new URL("./main.ts", import.meta.url).pathname;
const PEERS = new URL("./peers/main.ts", import.meta.url).pathname;

async function bench(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=source", MAIN, ...args]);
  return stdout;
}

test.each([
  ["process", "rate"],
  ["enqueue", "rate"],
  ["enqueue-many", "rate"],
  ["roundtrip", "p99Ms"],
  ["open-loop", "p99Ms"],
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

test(
  "beside peers: ours is measured, and who is missing is told and skipped",
  { timeout: TIMEOUT_MS },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "umbel-bench-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // A PATH where nothing is: no Redis.
    const env = { ...process.env, PATH: folder, UMBEL_NATS_SERVER: (await findServer()).path };
    const args = ["queue-add-bulk", "worker-generic", "--n", "100", "--rounds", "1", "--results", folder];
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--conditions=source", PEERS, ...args],
      { env },
    );
    const hint = "redis-server is not in the PATH: apt-get install redis-server, or brew install redis";
    expect(stderr).toContain(`skipped bullmq everysec: ${hint}`);
    const results = resultsSchema.parse(JSON.parse(readFileSync(join(folder, "peers.json"), "utf8")));
    expect(results).toMatchObject({ missing: { "bullmq none": hint }, failures: [] });
    expect(results.matches.map(({ name }) => name)).toEqual([
      "bullmq-bench queue-add-bulk",
      "bullmq-bench worker-generic",
    ]);
    for (const { contenders } of results.matches) {
      expect(contenders.map(({ name }) => name)).toEqual(["umbel 1s"]);
      for (const { rounds } of contenders)
        expect(rounds).toEqual([expect.objectContaining({ rate: expect.any(Number) })]);
    }
    expect(stdout).toContain("| Umbel");
    expect(readFileSync(join(folder, "peers.svg"), "utf8")).toContain("<svg");
  },
);

test("beside peers: a match that is not there is a usage error", { timeout: TIMEOUT_MS }, async () => {
  const call = promisify(execFile)(process.execPath, ["--conditions=source", PEERS, "nonsense"]);
  await expect(call).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("nonsense") });
});
