import { expect, test } from "vitest";
import { parseChaosOptions, replayCommand } from "./options.ts";

test("what is asked for is done again by its own command", () => {
  const asked = ["--seed", "7", "--minutes", "0.5", "--faults", "cut,worker-kill"];
  const options = parseChaosOptions(asked);
  expect(options).toEqual({ seed: 7, durationMs: 30_000, faults: ["cut", "worker-kill"], json: false });
  expect(replayCommand(options)).toBe(`npm run chaos -- ${asked.join(" ")}`);
  expect(parseChaosOptions([])).toMatchObject({ durationMs: 300_000, faults: undefined });
});

test.each([
  [["--seed", "x"], "--seed"],
  [["--minutes", "0"], "--minutes"],
  [["--faults", "flood"], "flood"],
  [["--speed", "1"], "--speed"],
])("%j is refused, and the message names it", (args, named) => {
  expect(() => parseChaosOptions(args)).toThrow(named);
});
