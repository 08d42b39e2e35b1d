import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkMaxAttempts,
  DEFAULT_RETRY_POLICY,
  exponential,
  fixed,
  MAX_ATTEMPTS,
  nextDelayMs,
  resolveCallRetry,
  resolveRetryPolicy,
  type Backoff,
} from "./retry-policy.ts";

const invalid = (message: RegExp): unknown =>
  expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(message) });

const ms = fc.nat({ max: 86_400_000 });
const jitter = fc.constantFrom("full" as const, "none" as const);
const factor = fc.double({ min: 1, max: 100, noNaN: true });
const grown = fc
  .tuple(ms, ms, factor, jitter)
  .map(([base, more, by, how]) => exponential({ base, max: base + more, factor: by, jitter: how }));
const constant = fc.tuple(ms, jitter).map(([delay, how]) => fixed(delay, { jitter: how }));
const backoff: fc.Arbitrary<Backoff> = fc.oneof(grown, constant);
const attempt = fc.integer({ min: 1, max: MAX_ATTEMPTS });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const withoutJitter = (delays: Backoff): Backoff => ({ ...delays, jitter: "none" });
const most = (delays: Backoff): number => (delays.kind === "fixed" ? delays.delayMs : delays.maxMs);

describe("the delay before the next attempt", () => {
  test("is whole milliseconds from 0 to the cap, for every attempt that a policy allows", () => {
    fc.assert(
      fc.property(backoff, attempt, random, (delays, failed, drawn) => {
        const delay = nextDelayMs(delays, failed, drawn);
        expect(delay).toSatisfy(Number.isSafeInteger);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(most(delays));
      }),
      { numRuns: 1_000 },
    );
  });

  test("never shrinks from one attempt to the next, jitter aside", () => {
    fc.assert(
      fc.property(backoff, attempt, random, (delays, failed, drawn) => {
        const steady = withoutJitter(delays);
        expect(nextDelayMs(steady, failed + 1, drawn)).toBeGreaterThanOrEqual(
          nextDelayMs(steady, failed, drawn),
        );
      }),
    );
  });

  test("with full jitter is between 0 and what it is without", () => {
    fc.assert(
      fc.property(backoff, attempt, random, (delays, failed, drawn) => {
        const drawnDelay = nextDelayMs({ ...delays, jitter: "full" }, failed, drawn);
        expect(drawnDelay).toBeLessThanOrEqual(nextDelayMs(withoutJitter(delays), failed, drawn));
        expect(nextDelayMs({ ...delays, jitter: "full" }, failed, 0)).toBe(0);
      }),
    );
  });

  test("without jitter does not depend on chance", () => {
    fc.assert(
      fc.property(backoff, attempt, random, (delays, failed, drawn) => {
        const steady = withoutJitter(delays);
        expect(nextDelayMs(steady, failed, drawn)).toBe(nextDelayMs(steady, failed, 0));
      }),
    );
  });

  test("grows by its factor up to its cap", () => {
    const delays = exponential({ base: "1s", max: "10s", factor: 3, jitter: "none" });
    expect([1, 2, 3, 4, 1_000].map((failed) => nextDelayMs(delays, failed, 0))).toEqual([
      1_000, 3_000, 9_000, 10_000, 10_000,
    ]);
  });

  test("of 0 stays 0, however often it is multiplied", () => {
    const delays = exponential({ base: 0, factor: 100, jitter: "none" });
    expect([1, 2, 154, 156, 1_000].map((failed) => nextDelayMs(delays, failed, 0))).toEqual([0, 0, 0, 0, 0]);
  });

  test("is the same each time when it is fixed", () => {
    const delays = fixed("5s", { jitter: "none" });
    expect([1, 2, 1_000].map((failed) => nextDelayMs(delays, failed, 0.9))).toEqual([5_000, 5_000, 5_000]);
  });
});

describe("a backoff", () => {
  test("has defaults: one second, ten minutes, doubled, full jitter", () => {
    expect(exponential()).toStrictEqual({
      kind: "exponential",
      baseMs: 1_000,
      maxMs: 600_000,
      factor: 2,
      jitter: "full",
    });
    expect(fixed("5s")).toStrictEqual({ kind: "fixed", delayMs: 5_000, jitter: "full" });
  });

  test("whose base is above the default cap is not capped below its base", () => {
    expect(exponential({ base: "1h" })).toMatchObject({ baseMs: 3_600_000, maxMs: 3_600_000 });
  });

  test.each([
    [
      () => exponential({ base: "1h", max: "1s" }),
      /^exponential\.max: expected at least exponential\.base \(3600000 ms\)/,
    ],
    [() => exponential({ base: -1 }), /^exponential\.base: expected .*received -1/],
    [() => exponential({ max: Number.POSITIVE_INFINITY }), /^exponential\.max: expected .*received Infinity/],
    [
      () => exponential({ factor: 0.5 }),
      /^exponential\.factor: expected a number from 1 to 100, received 0\.5/,
    ],
    [() => exponential({ factor: 101 }), /^exponential\.factor/],
    [() => exponential({ factor: Number.NaN }), /^exponential\.factor.*received NaN/],
    [() => Reflect.apply(exponential, undefined, [{ factor: "2" }]), /^exponential\.factor.*received "2"/],
    [
      () => Reflect.apply(exponential, undefined, [{ jitter: "half" }]),
      /^exponential\.jitter: expected "full" or "none"/,
    ],
    [() => Reflect.apply(exponential, undefined, [{ bas: 1 }]), /^exponential\.bas: .*Did you mean "base"\?/],
    [() => Reflect.apply(exponential, undefined, [null]), /^exponential: expected an object of options/],
    [() => fixed(-5), /^fixed\.delay: expected .*received -5/],
    [
      () => Reflect.apply(fixed, undefined, ["5s", { jiter: "none" }]),
      /^fixed\.jiter: .*Did you mean "jitter"\?/,
    ],
    [
      () => Reflect.apply(fixed, undefined, ["5s", { jitter: true }]),
      /^fixed\.jitter: expected "full" or "none"/,
    ],
  ])("refuses a wrong option and names it (%#)", (make, message) => {
    expect(make).toThrow(invalid(message));
  });
});

describe("a retry policy", () => {
  test("is three attempts with the default backoff unless it says otherwise", () => {
    expect(resolveRetryPolicy(undefined)).toBe(DEFAULT_RETRY_POLICY);
    expect(resolveRetryPolicy({})).toStrictEqual(DEFAULT_RETRY_POLICY);
    expect(DEFAULT_RETRY_POLICY).toStrictEqual({ maxAttempts: 3, backoff: exponential() });
    expect(resolveRetryPolicy({ maxAttempts: 7 })).toMatchObject({ maxAttempts: 7, backoff: exponential() });
  });

  test("keeps any backoff that the functions make, and the same written by hand", () => {
    fc.assert(
      fc.property(backoff, (delays) => {
        expect(resolveRetryPolicy({ backoff: { ...delays } }).backoff).toStrictEqual(delays);
      }),
    );
  });

  test("may leave the delay, and which errors count, to functions, and have an end in time", () => {
    const own = (): number => 5;
    const retryOn = (): boolean => true;
    const options = { backoff: own, maxElapsed: "1h", retryOn, discardOn: ["TypeError"] } as const;
    expect(resolveRetryPolicy(options)).toStrictEqual({
      ...DEFAULT_RETRY_POLICY,
      ownBackoff: own,
      maxElapsedMs: 3_600_000,
      retryOn,
      discardOn: ["TypeError"],
    });
  });

  test("of one call is what it says and nothing else", () => {
    expect(resolveCallRetry({})).toStrictEqual({});
    expect(resolveCallRetry({ maxElapsed: "1s" })).toStrictEqual({ maxElapsedMs: 1_000 });
  });

  test.each([1, 2, MAX_ATTEMPTS, Number.POSITIVE_INFINITY])("may allow %i attempts", (attempts) => {
    expect(checkMaxAttempts(attempts, "retry.maxAttempts")).toBe(attempts);
  });

  test.each([0, -1, 1.5, MAX_ATTEMPTS + 1, Number.NaN, Number.NEGATIVE_INFINITY, "3", true])(
    "may not allow %j attempts",
    (attempts) => {
      const make = (): unknown => Reflect.apply(resolveRetryPolicy, undefined, [{ maxAttempts: attempts }]);
      expect(make).toThrow(invalid(/^retry\.maxAttempts: expected a whole number from 1 to 1000/));
      expect(() => checkMaxAttempts(attempts, "retry.maxAttempts")).toThrow(invalid(/^retry\.maxAttempts/));
    },
  );

  const whole = { kind: "exponential", baseMs: 1, maxMs: 2, factor: 2, jitter: "full" };

  test.each([
    [null, /^task t: retry: expected an object of options, received null/],
    [5, /^task t: retry: expected an object of options, received 5/],
    [{ maxAttempt: 5 }, /^task t: retry\.maxAttempt: .*Did you mean "maxAttempts"\?/],
    [{ backoff: "5s" }, /^task t: retry\.backoff: expected exponential\(.*received "5s"/],
    [{ backoff: { kind: "linear" } }, /^task t: retry\.backoff: expected/],
    [
      { backoff: { kind: "fixed" } },
      /^task t: retry\.backoff\.delayMs: expected a whole number.*received undefined/,
    ],
    [{ backoff: { kind: "fixed", delayMs: "5s" } }, /^task t: retry\.backoff\.delayMs.*received "5s"/],
    [{ backoff: { ...whole, baseMs: -1 } }, /^task t: retry\.backoff\.baseMs/],
    [{ backoff: { ...whole, maxMs: Number.NaN } }, /^task t: retry\.backoff\.maxMs/],
    [{ backoff: { ...whole, factor: 0 } }, /^task t: retry\.backoff\.factor/],
    [{ backoff: { ...whole, jitter: 1 } }, /^task t: retry\.backoff\.jitter/],
  ])("refuses %j and names what is wrong", (options, message) => {
    expect(() => Reflect.apply(resolveRetryPolicy, undefined, [options, "task t: retry"])).toThrow(
      invalid(message),
    );
  });
});
