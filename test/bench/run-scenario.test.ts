import { expect, test } from "vitest";
import { parseBenchOptions } from "./bench-options.ts";
import { runScenario } from "./run-scenario.ts";
import type { Circumstances, Scenario } from "./scenario.ts";

function recordingScenario() {
  const calls: Circumstances[] = [];
  const scenario: Scenario = {
    name: "recording",
    about: "",
    n: 10,
    rounds: 3,
    sides: ["raw", "ours"],
    main: "rate",
    gates: [],
    prepare: () => async (circumstances) => {
      calls.push(circumstances);
      return { rate: calls.length };
    },
  };
  return { scenario, calls };
}

const silently = () => undefined;

test("raw and ours take turns, round by round", async () => {
  const { scenario, calls } = recordingScenario();
  const { n, rounds } = await runScenario(scenario, parseBenchOptions(["recording"]), silently);
  expect(calls.map(({ side, round }) => `${side} ${round}`)).toEqual([
    "raw 1",
    "ours 1",
    "raw 2",
    "ours 2",
    "raw 3",
    "ours 3",
  ]);
  expect(n).toBe(10);
  expect(rounds[2]).toEqual({ raw: { rate: 5 }, ours: { rate: 6 } });
});

test("the command line overrules the scenario", async () => {
  const { scenario, calls } = recordingScenario();
  const options = parseBenchOptions(["recording", "--n", "5", "--rounds", "1", "--sync-interval", "always"]);
  await runScenario(scenario, options, silently);
  expect(calls).toHaveLength(2);
  expect(calls[0]).toMatchObject({ n: 5, syncInterval: "always", profileDir: undefined });
});

test("only our side is profiled, each round in a folder of its own", async () => {
  const { scenario, calls } = recordingScenario();
  const { profileDir } = await runScenario(scenario, parseBenchOptions(["x", "--profile"]), silently);
  expect(calls.filter(({ side }) => side === "raw").map(({ profileDir: dir }) => dir)).toEqual(
    Array(3).fill(undefined),
  );
  expect(calls.filter(({ side }) => side === "ours").map(({ profileDir: dir }) => dir)).toEqual(
    [1, 2, 3].map((round) => `${profileDir}/round-${round}`),
  );
});
