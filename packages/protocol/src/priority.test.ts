import { expect, test } from "vitest";
import { checkPriority, PRIORITIES, priorityOfToken, priorityToken } from "./priority.ts";

test("every priority has a token of its own and is read back from it", () => {
  expect(PRIORITIES.map(priorityToken)).toEqual(["h", "n", "l"]);
  expect(PRIORITIES.map((priority) => priorityOfToken(priorityToken(priority)))).toEqual(PRIORITIES);
});

test.each(["", "x", "high", "H", "constructor", "__proto__"])("%j is the token of no priority", (token) => {
  expect(priorityOfToken(token)).toBeUndefined();
});

test("a priority is accepted as it is", () => {
  expect(PRIORITIES.map((priority) => checkPriority(priority))).toEqual(["high", "normal", "low"]);
});

test.each(["urgent", "High", "h", 1, null, undefined])("%j is refused with what is expected", (value) => {
  expect(() => checkPriority(value, "task.priority")).toThrow(
    expect.objectContaining({
      code: "invalid_argument",
      message: expect.stringMatching(/^task\.priority: expected "high", "normal" or "low", received /),
    }),
  );
});
