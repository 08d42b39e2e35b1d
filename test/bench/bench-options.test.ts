import { describe, expect, test } from "vitest";
import { parseBenchOptions } from "./bench-options.ts";

describe("the command line of the benchmarks", () => {
  test("names a scenario and leaves the rest to it", () => {
    expect(parseBenchOptions(["process"])).toEqual({
      scenario: "process",
      json: false,
      profile: false,
      n: undefined,
      rounds: undefined,
      syncInterval: "1s",
    });
  });

  test("takes its options in any place", () => {
    const args = ["--json", "--n", "2000", "soak", "--rounds=1", "--profile", "--sync-interval", "always"];
    expect(parseBenchOptions(args)).toEqual({
      scenario: "soak",
      json: true,
      profile: true,
      n: 2_000,
      rounds: 1,
      syncInterval: "always",
    });
  });

  test("may name nothing", () => {
    expect(parseBenchOptions([]).scenario).toBeUndefined();
  });

  test.each([
    [["process", "--n", "0"], "--n"],
    [["process", "--n", "1e3"], "--n"],
    [["process", "--rounds", "-1"], "--rounds"],
    [["process", "soak"], "one scenario"],
    [["--jsno"], "--jsno"],
  ])("refuses %j and says what is wrong", (args, what) => {
    expect(() => parseBenchOptions(args)).toThrow(what);
  });
});
