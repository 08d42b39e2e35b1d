import { expect, test } from "vitest";
import type { Driver, MatchInput } from "./driver.ts";
import { inputOf } from "./input-of.ts";
import { MODES } from "./modes.ts";

function recordingDriver(more: Partial<Driver> = {}) {
  const calls: number[][] = [];
  const note = async (inputs: readonly MatchInput[]): Promise<void> =>
    void calls.push(inputs.map(({ index }) => index));
  const driver: Driver = {
    add: (input) => note([input]),
    addMany: note,
    bulk: { size: 4, lanes: 1 },
    call: async (input) => {
      await note([input]);
      return input.index;
    },
    close: async () => undefined,
    ...more,
  };
  return { driver, calls };
}

const PLAN = { from: 10, count: 6, width: 2 };

test.each(["flight", "awaited", "call", "saturated", "open", "paced", "fanOut"] as const)(
  "%s makes every run once",
  async (mode) => {
    const { driver, calls } = recordingDriver();
    await MODES[mode](driver, { ...PLAN, rate: 100_000 });
    expect(calls.flat()).toEqual([10, 11, 12, 13, 14, 15]);
  },
);

test("in bulk so many go into a call as the system likes, or as the match says", async () => {
  const { driver, calls } = recordingDriver();
  await MODES.bulk(driver, PLAN);
  await MODES.bulk(driver, { ...PLAN, chunk: 5 });
  expect(calls.map(({ length }) => length)).toEqual([4, 2, 5, 1]);
});

test.each(["call", "saturated", "open", "fanOut"] as const)(
  "%s refuses the result of another run",
  async (mode) => {
    const { driver } = recordingDriver({ call: async ({ index }) => (index === 13 ? 12 : index) });
    await expect(MODES[mode](driver, { ...PLAN, rate: 100_000 })).rejects.toThrow("run 13 came back as 12");
  },
);

test("paced runs say when they should have been sent, delayed ones when they are due", async () => {
  const inputs: MatchInput[] = [];
  const keep = async (input: MatchInput): Promise<void> => void inputs.push(input);
  const { driver } = recordingDriver({ add: keep, addAt: keep });
  await MODES.paced(driver, { ...PLAN, count: 2, rate: 1_000 });
  await MODES.delayed(driver, { ...PLAN, count: 2, firstDueAt: 5_000 });
  const [first, second] = inputs.map(({ sentAt }) => sentAt ?? NaN);
  expect((second ?? NaN) - (first ?? NaN)).toBeCloseTo(1, 6);
  expect(inputs.slice(2).map(({ dueAt }) => dueAt)).toEqual([5_000, 10_000]);
});

test("what a system cannot do is an error", async () => {
  const { driver } = recordingDriver();
  await expect(MODES.delayed(driver, PLAN)).rejects.toThrow("cannot");
});

test("an input is read from whatever a system hands over", () => {
  expect(inputOf({ index: 3, dueAt: 5, other: "x" })).toEqual({ index: 3, dueAt: 5, sentAt: undefined });
  expect(inputOf(undefined).index).toBeNaN();
});
