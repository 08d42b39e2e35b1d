import { describe, expect, test } from "vitest";
import type { Scenario } from "../scenario.ts";
import { formatJsonLine } from "./json-line.ts";
import { summarize } from "./summary.ts";
import { formatNumber, formatTable } from "./table.ts";

const SCENARIO: Scenario = {
  name: "process",
  about: "no-op runs",
  n: 100,
  rounds: 1,
  sides: ["raw", "ours"],
  main: "rate",
  gates: [{ figure: "rate", of: "ratio", least: 0.65 }],
  prepare: () => async () => ({}),
};
const ENVIRONMENT = {
  durability: "R1 file, sync_interval 1s",
  versions: { node: "24.0.0", natsServer: "2.15.1", umbel: "0.1.0", cpu: "a CPU", cores: 2 },
};
const ROUNDS = [{ raw: { rate: 45_123.4 }, ours: { rate: 30_000.6 } }];
const MEASURED = { n: 50, rounds: ROUNDS, profileDir: undefined };

describe("the line for programs", () => {
  const parse = (line: string): unknown => JSON.parse(line);

  test("is one line with both sides, their ratio, the gates, the rounds and what it was measured with", () => {
    const summary = summarize(SCENARIO, ROUNDS);
    const line = formatJsonLine(SCENARIO, MEASURED, { summary, environment: ENVIRONMENT });
    expect(line).not.toContain("\n");
    expect(parse(line)).toEqual({
      scenario: "process",
      rate: 30_001,
      raw: { rate: 45_123 },
      ratio: 0.6649,
      ratios: { rate: 0.6649 },
      gates: [{ gate: "ratio of rate >= 0.65", value: 0.6649, holds: true }],
      holds: true,
      ...ENVIRONMENT,
      n: 50,
      rounds: [{ ours: { rate: 30_001 }, raw: { rate: 45_123 }, ratio: 0.6649 }],
    });
  });

  test("says null where there is nothing to compare with", () => {
    const rounds = [{ ours: { rate: 3 } }];
    const summary = summarize({ gates: [] }, rounds);
    const line = formatJsonLine(SCENARIO, { ...MEASURED, rounds }, { summary, environment: ENVIRONMENT });
    expect(parse(line)).toMatchObject({ raw: null, ratio: null, rounds: [{ raw: null, ratio: null }] });
  });

  test("says that our side was profiled, and where", () => {
    const summary = summarize(SCENARIO, ROUNDS);
    const measured = { ...MEASURED, profileDir: "/somewhere" };
    const line = formatJsonLine(SCENARIO, measured, { summary, environment: ENVIRONMENT });
    expect(parse(line)).toMatchObject({ profileDir: "/somewhere" });
  });
});

describe("the table for people", () => {
  test("aligns its columns and says which gates hold", () => {
    const summary = summarize(SCENARIO, ROUNDS);
    const text = formatTable(SCENARIO, MEASURED, { summary, environment: ENVIRONMENT });
    expect(text.split("\n").slice(3, 7)).toEqual([
      "         ours      raw   ratio   by round",
      "rate   30,001   45,123   0.665      0.665",
      "",
      "holds  ratio of rate >= 0.65 (0.665)",
    ]);
  });

  test.each([
    [undefined, ""],
    [0.12345, "0.123"],
    [12.345, "12.3"],
    [999.4, "999"],
    [45_123.6, "45,124"],
    [0, "0"],
  ])("says %j as %j", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});
