import { describe, expect, test } from "vitest";
import { LONGEST_HINT_MS, readRetryHint } from "./retry-hint.ts";

const NOW = Date.UTC(2027, 0, 1, 9);
const IN_A_MINUTE = "Fri, 01 Jan 2027 09:01:00 GMT";
const error = (fields: object): Error => Object.assign(new Error("busy"), fields);
const hint = (thrown: unknown): number | undefined => readRetryHint(thrown, NOW);

describe("an error asks to be left alone", () => {
  test.each<[string, object, number]>([
    ["by milliseconds", { retryAfterMs: 250 }, 250],
    ["by milliseconds, stronger than seconds", { retryAfterMs: 250, retryAfter: 9 }, 250],
    ["by a part of a millisecond, rounded up", { retryAfterMs: 0.2 }, 1],
    ["by seconds", { retryAfter: 3 }, 3_000],
    ["by seconds as text", { retryAfter: "3" }, 3_000],
    ["by the date of HTTP", { retryAfter: IN_A_MINUTE }, 60_000],
    ["by a date with a zone", { retryAfter: "2027-01-01T10:00:30+01:00" }, 30_000],
    ["by a Date", { retryAfter: new Date(NOW + 5_000) }, 5_000],
    ["until a moment that has passed", { retryAfter: new Date(NOW - 5_000) }, 0],
    [
      "by the header of its response, as fetch has it",
      { response: { headers: new Headers({ "Retry-After": "4" }) } },
      4_000,
    ],
    [
      "by the header of its response, as axios has it",
      { response: { headers: { "retry-after": "4" } } },
      4_000,
    ],
    ["by a header in any case", { response: { headers: { "Retry-After": IN_A_MINUTE } } }, 60_000],
    ["by the first of several headers", { response: { headers: { "retry-after": ["4", "5"] } } }, 4_000],
    ["by headers of its own", { headers: { "retry-after": "4" } }, 4_000],
    ["by its cause", { cause: error({ cause: error({ retryAfter: 2 }) }) }, 2_000],
    ["itself, whatever its cause asks", { retryAfter: 1, cause: error({ retryAfter: 2 }) }, 1_000],
    ["for a day at most", { retryAfter: 1e9 }, LONGEST_HINT_MS],
    ["for ever, which is a day", { retryAfterMs: Number.POSITIVE_INFINITY }, LONGEST_HINT_MS],
  ])("%s", (_, fields, ms) => {
    expect(hint(error(fields))).toBe(ms);
  });

  test("as a plain object that was thrown, too", () => {
    expect(hint({ retryAfter: 1 })).toBe(1_000);
    expect(hint(new Response("", { status: 429, headers: { "retry-after": "1" } }))).toBe(1_000);
  });
});

describe("nothing is asked", () => {
  const loop = error({});
  loop.cause = loop;
  const hostile = Object.defineProperty(new Error("no"), "retryAfterMs", {
    get: () => {
      throw new Error("not for you");
    },
  });
  test.each<[string, unknown]>([
    ["without any of it", error({})],
    ["by nothing at all", undefined],
    ["by text", "retry after 5"],
    ["below zero", error({ retryAfter: -1 })],
    ["by what is no number", error({ retryAfter: Number.NaN, retryAfterMs: Number.NaN })],
    ["by a word", error({ retryAfter: "soon" })],
    ["by a date that is none", error({ retryAfter: "Someday, next week" })],
    ["by an invalid Date", error({ retryAfter: new Date(Number.NaN) })],
    ["by a time without a zone", error({ retryAfter: "2027-01-01T10:00:30" })],
    ["by null", error({ retryAfter: null, response: null, headers: null })],
    ["by headers that have other names", error({ response: { headers: new Headers({ date: "4" }) } })],
    ["by a chain of causes without an end", loop],
    ["by a getter that throws", hostile],
  ])("%s", (_, thrown) => {
    expect(hint(thrown)).toBeUndefined();
  });
});
