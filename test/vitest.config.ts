import { defineConfig } from "vitest/config";

// Sources run as they are: the `source` condition of every package's exports.
const conditions = ["source"];
const common = { resolve: { conditions }, ssr: { resolve: { conditions } } };
const execArgv = ["--conditions=source"];
const root = new URL("..", import.meta.url).pathname;
// Tests start hundreds of processes: with their code compiled once, each takes a third of the time to begin.
process.env["NODE_COMPILE_CACHE"] ??= `${root}node_modules/.cache/compiled`;

export default defineConfig({
  root,
  test: {
    projects: [
      {
        ...common,
        root,
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/src/**/*.test.ts",
            "test/bench/!(smoke).test.ts",
            "test/bench/*/**/*.test.ts",
            "test/chaos/!(chaos).test.ts",
          ],
          execArgv,
        },
      },
      {
        ...common,
        root,
        test: {
          name: "integration",
          include: [
            "packages/*/test/**/*.test.ts",
            "apps/*/test/**/*.test.ts",
            "test/integration/**/*.test.ts",
            "test/conformance/**/*.test.ts",
            "test/examples/**/*.test.ts",
            "test/bench/smoke.test.ts",
            "test/chaos/chaos.test.ts",
          ],
          execArgv,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Most of a test is waiting: for an ack-wait, a restart, a moment.
          maxWorkers: 4,
          // Real servers and processes on a shared machine: CI tries once more, and reports that it did.
          retry: process.env["CI"] === undefined ? 0 : 1,
        },
      },
    ],
  },
});
