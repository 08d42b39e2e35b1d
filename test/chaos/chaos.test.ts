import { ownCluster, verifySite } from "@umbel/testing/verify";
import { expect, test } from "vitest";
import { replayCommand } from "./options.ts";

// The short run: what a seed breaks here, the command in the message breaks again.

const DURATION_MS = 20_000;
const LONGEST_MS = 240_000;

test.each([1, 7])(
  "seed %i breaks no promise",
  async (seed) => {
    await using site = await ownCluster();
    const report = await verifySite(site, { seed, durationMs: DURATION_MS });
    const replay = replayCommand({ seed, durationMs: DURATION_MS, faults: undefined });
    expect(report.violations, `${replay}; the history is in ${report.folder}`).toEqual([]);
    // Much was done, and something happened to it.
    expect(report.enqueues.acknowledged).toBeGreaterThan(400);
    expect(report.faults.reduce((sum, { times }) => sum + times, 0)).toBeGreaterThan(2);
  },
  LONGEST_MS,
);
