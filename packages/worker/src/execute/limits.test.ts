import { describe, expect, test } from "vitest";
import { attemptLimit, passedLimit, shortenToLimits } from "./limits.ts";

const NOW = 1_000_000;

describe("an attempt may start", () => {
  test.each([
    ["without limits", {}, undefined],
    ["before its limits", { expiresAt: NOW + 1, deadlineAt: NOW + 1 }, undefined],
    ["never at its expiry", { expiresAt: NOW }, "expires"],
    ["never at its deadline", { deadlineAt: NOW }, "deadline"],
    ["never after both, of which the first counts", { expiresAt: NOW - 5, deadlineAt: NOW - 6 }, "deadline"],
    ["never after both, of which the first counts", { expiresAt: NOW - 6, deadlineAt: NOW - 5 }, "expires"],
    ["never after both at once: it is not wanted any more", { expiresAt: NOW, deadlineAt: NOW }, "expires"],
  ])("%s: %o", (_, limits, passed) => {
    expect(passedLimit(limits, NOW)).toBe(passed);
  });
});

describe("a run that is put off", () => {
  test.each([
    [{}, 5_000],
    [{ expiresAt: NOW + 9_000 }, 5_000],
    [{ expiresAt: NOW + 700 }, 700],
    [{ expiresAt: NOW + 700, deadlineAt: NOW + 300.5 }, 301],
    [{ expiresAt: NOW - 1 }, 1],
  ])("with the limits %o comes back after %i ms", (limits, delayMs) => {
    expect(shortenToLimits(5_000, limits, NOW)).toBe(delayMs);
  });
});

describe("an attempt is aborted", () => {
  test("never without a timeout and a deadline", () => {
    expect(attemptLimit(NOW, undefined, undefined)).toBeUndefined();
  });

  test("by its timeout, unless the deadline comes first", () => {
    const timeout = { cause: "timeout", at: NOW + 50, afterMs: 50 };
    expect(attemptLimit(NOW, 50, undefined)).toEqual(timeout);
    expect(attemptLimit(NOW, 50, NOW + 50)).toEqual(timeout);
    expect(attemptLimit(NOW, 50, NOW + 49)).toEqual({
      cause: "deadline",
      at: NOW + 49,
      afterMs: 49,
    });
  });

  test("by its deadline at once if that has passed meanwhile", () => {
    expect(attemptLimit(NOW, undefined, NOW - 3)).toEqual({
      cause: "deadline",
      at: NOW - 3,
      afterMs: 0,
    });
  });
});
