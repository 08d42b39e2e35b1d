import { expect, test } from "vitest";
import { createRepeatPolicy } from "./repeat-policy.ts";

const policy = createRepeatPolicy({ answerTimeoutMs: 1_000, giveUpAfterMs: 5_000 });

test("a message waits for its answer, is repeated without one, and given up at its end", () => {
  const entry = { firstSentAt: 10_000, sentAt: 12_000 };
  expect(policy.decide(entry, 12_999)).toBe("wait");
  expect(policy.decide(entry, 13_000)).toBe("repeat");
  expect(policy.decide(entry, 14_999)).toBe("repeat");
  expect(policy.decide(entry, 15_000)).toBe("give-up");
});

test("a message that was just sent again is waited for, even when its time is over", () => {
  expect(policy.decide({ firstSentAt: 10_000, sentAt: 15_500 }, 16_000)).toBe("wait");
});

test("a message that nothing took is repeated sooner, and less and less soon", () => {
  const dueAfter = (repeats: number): number => policy.unansweredSince(20_000, repeats) + 1_000 - 20_000;
  expect([0, 1, 2, 3, 4, 50].map(dueAfter)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

test("and never later than one that was not answered", () => {
  const hasty = createRepeatPolicy({ answerTimeoutMs: 150 });
  expect(hasty.unansweredSince(20_000, 9)).toBe(20_000);
});

test("what is given up may be stored, and says what to do", () => {
  expect(policy.givenUp()).toMatchObject({ code: "unconfirmed", details: { giveUpAfterMs: 5_000 } });
  expect(policy.givenUp().message).toContain("within 5000 ms");
  expect(createRepeatPolicy({}).givenUp().details).toEqual({ giveUpAfterMs: 30_000 });
});
