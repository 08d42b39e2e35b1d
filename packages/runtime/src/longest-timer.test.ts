import { beforeEach, expect, test, vi } from "vitest";
import { LONGEST_TIMER_MS } from "./longest-timer.ts";
import { sleep } from "./sleep.ts";

const DAY_MS = 86_400_000;
const timers = vi.hoisted(() => ({ started: [0] }));

// Node's timer, but over at once: only how long each was to be counts here.
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number): Promise<void> => void timers.started.push(ms),
}));

beforeEach(() => {
  timers.started = [];
});

test.each([0, 1, DAY_MS, LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, 30 * DAY_MS, 3_650 * DAY_MS])(
  "a sleep of %i ms is made of timers that Node can keep, and they add up to it",
  async (ms) => {
    await sleep(ms);
    expect(Math.max(...timers.started)).toBeLessThanOrEqual(LONGEST_TIMER_MS);
    expect(timers.started.reduce((sum, each) => sum + each)).toBe(ms);
    expect(timers.started).toHaveLength(Math.max(1, Math.ceil(ms / LONGEST_TIMER_MS)));
  },
);
