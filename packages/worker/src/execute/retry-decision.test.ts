import { fixed, nextDelayMs, exponential, type RetryPolicy, type SerializedError } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { decideRetry, type PolicyFault, type RetryDecision } from "./retry-decision.ts";

const NOW = 1_000_000;
const POLICY: RetryPolicy = { maxAttempts: 3, backoff: fixed(1_000, { jitter: "none" }) };
const ERROR: SerializedError = {
  name: "FetchError",
  message: "no",
  code: "E_FETCH",
  cause: { name: "Error", message: "reset", code: "ECONNRESET" },
};

interface Case {
  readonly policy?: Partial<RetryPolicy>;
  readonly attempt?: number;
  readonly elapsedMs?: number;
  readonly asked?: boolean;
  readonly delayMs?: number;
  readonly hintMs?: number;
}

function decide({ policy, attempt = 1, elapsedMs = 0, asked = false, ...rest }: Case): RetryDecision & {
  readonly faults: readonly PolicyFault[];
} {
  const faults: PolicyFault[] = [];
  const facts = {
    attempt,
    policy: { ...POLICY, ...policy },
    random: 0.5,
    now: NOW,
    firstDueAt: NOW - elapsedMs,
  };
  return { ...decideRetry({ error: ERROR, asked, ...rest }, facts, faults), faults };
}

const retry = (delayMs: number): object => ({ kind: "retry", delayMs, faults: [] });
const discarded = { kind: "failed", reason: "discarded", faults: [] };
const exhausted = { kind: "failed", reason: "exhausted", faults: [] };

describe("whether there is another attempt, and when", () => {
  test.each<[string, Case, object]>([
    ["after the backoff", {}, retry(1_000)],
    ["not after the last one", { attempt: 3 }, exhausted],
    ["after any number of them", { attempt: 5_000, policy: { maxAttempts: Infinity } }, retry(1_000)],
    ["not before the error allows", { hintMs: 4_000 }, retry(4_000)],
    ["not before the backoff allows", { hintMs: 4 }, retry(1_000)],
    ["when the handler asked for it", { asked: true, delayMs: 7 }, retry(7)],
    ["after a backoff of one's own", { policy: { ownBackoff: ({ attempt }) => attempt * 70 } }, retry(70)],
    ["after one in words", { policy: { ownBackoff: () => "2s" } }, retry(2_000)],
    [
      "after one of its own, but not before the error allows",
      { hintMs: 90, policy: { ownBackoff: () => 5 } },
      retry(90),
    ],
    ["while there is time", { elapsedMs: 4_000, policy: { maxElapsedMs: 5_000 } }, retry(1_000)],
    ["not when it would be too late", { elapsedMs: 4_001, policy: { maxElapsedMs: 5_000 } }, exhausted],
    [
      "not when what it asked for is too late",
      { asked: true, delayMs: 5_001, policy: { maxElapsedMs: 5_000 } },
      exhausted,
    ],
    ["not when the error asks for too long", { hintMs: 5_001, policy: { maxElapsedMs: 5_000 } }, exhausted],
    ["for an error of a name", { policy: { retryOn: ["FetchError"] } }, retry(1_000)],
    ["for an error of a code", { policy: { retryOn: ["E_FETCH"] } }, retry(1_000)],
    ["for an error whose cause has a code", { policy: { retryOn: ["ECONNRESET"] } }, retry(1_000)],
    ["not for another error", { policy: { retryOn: ["TypeError"] } }, discarded],
    ["for no error", { policy: { retryOn: [] } }, discarded],
    ["not for an error to discard", { policy: { discardOn: ["ECONNRESET"] } }, discarded],
    ["for an error that is not to discard", { policy: { discardOn: ["TypeError"] } }, retry(1_000)],
    ["not for one that is in both", { policy: { retryOn: ["E_FETCH"], discardOn: ["E_FETCH"] } }, discarded],
    [
      "for an error that a function knows",
      { policy: { retryOn: ({ code }) => code === "E_FETCH" } },
      retry(1_000),
    ],
    ["not for one that it does not know", { policy: { retryOn: () => false } }, discarded],
    [
      "not for one that a function discards",
      { policy: { discardOn: ({ message }) => message === "no" } },
      discarded,
    ],
    [
      "when the handler asked, whatever is discarded",
      { asked: true, policy: { discardOn: () => true } },
      retry(1_000),
    ],
    ["discarded rather than exhausted", { attempt: 3, policy: { discardOn: () => true } }, discarded],
  ])("%s", (_, given, expected) => {
    expect(decide(given)).toMatchObject(expected);
  });

  test("says why it is too late, or not wanted", () => {
    expect(decide({ elapsedMs: 1, policy: { maxElapsedMs: 1_000 } })).toMatchObject({
      detail: "the next attempt would come later than maxElapsed, 1000 ms after the run was first due",
    });
    expect(decide({ policy: { retryOn: [] } })).toMatchObject({ detail: expect.stringMatching(/^retryOn/) });
    expect(decide({ policy: { discardOn: () => true } })).toMatchObject({
      detail: expect.stringMatching(/^discardOn/),
    });
    expect(decide({ attempt: 3 })).not.toHaveProperty("detail");
  });

  test("is what the function of one's own is told: the attempt, the error as data, and chance", () => {
    const told: unknown[] = [];
    decide({ attempt: 2, policy: { ownBackoff: (context) => told.push(context) } });
    expect(told).toEqual([{ attempt: 2, error: ERROR, random: 0.5 }]);
  });
});

describe("a function that fails is named, and the default stands in:", () => {
  // What a caller without types may give.
  function untyped(value: unknown): never;
  function untyped(value: unknown): unknown {
    return value;
  }
  const giving =
    (make: () => unknown): (() => never) =>
    () =>
      untyped(make());
  const broken = (): never => {
    throw new TypeError("cannot read");
  };
  const late = async (): Promise<never> => {
    throw new Error("nobody hears of this");
  };
  const byDefault = nextDelayMs(exponential(), 2, 0.5);

  test.each<[string, () => never]>([
    ["throws", broken],
    ["returns nothing", giving(() => undefined)],
    ["returns words", giving(() => "soon")],
    ["returns less than nothing", giving(() => -1)],
    ["returns what is no number", giving(() => Number.NaN)],
    ["returns for ever", giving(() => Number.POSITIVE_INFINITY)],
    ["is asynchronous", giving(late)],
  ])("a backoff that %s", (_, ownBackoff) => {
    expect(decide({ attempt: 2, policy: { ownBackoff } })).toMatchObject({
      kind: "retry",
      delayMs: byDefault,
      faults: [{ option: "retry.backoff", error: { message: expect.any(String) } }],
    });
  });

  test.each<[string, () => never]>([
    ["throws", broken],
    ["returns nothing", giving(() => undefined)],
    ["returns a number", giving(() => 1)],
    ["is asynchronous", giving(late)],
  ])("a filter that %s", (_, filter) => {
    const both = decide({ policy: { retryOn: filter, discardOn: filter } });
    expect(both).toMatchObject({ kind: "retry", delayMs: 1_000 });
    expect(both.faults.map(({ option }) => option)).toEqual(["retry.discardOn", "retry.retryOn"]);
  });
});
