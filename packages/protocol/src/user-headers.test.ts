import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UmbelError } from "./umbel-error.ts";
import { checkUserHeaders, isUserHeader } from "./user-headers.ts";

const refused = (message: RegExp): unknown =>
  expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(message) });

describe("headers of the caller's own", () => {
  test("are accepted as they are", () => {
    const headers = { tenant: "acme", "X-Trace": 'a:b; c="d"', "a!#$%&'*+.^_`|~-z": "", note: "grüße 🌼" };
    expect(checkUserHeaders(headers)).toStrictEqual(headers);
    expect(checkUserHeaders(headers)).not.toBe(headers);
    expect(checkUserHeaders({})).toStrictEqual({});
    expect(checkUserHeaders(Object.assign(Object.create(null), { a: "b" }))).toStrictEqual({ a: "b" });
  });

  test("never add a line or a header of another, whatever they hold", () => {
    const awkward = fc.string({
      unit: fc.constantFrom("a", ":", " ", "\r", "\n", "\0", "\t", "\u007f", "é"),
    });
    fc.assert(
      fc.property(
        fc.oneof(awkward, fc.string()),
        fc.oneof(awkward, fc.string({ unit: "binary" })),
        (name, value) => {
          const lines = linesOf({ [name]: value });
          expect(lines).toMatch(/^(?:refused|[!-9;-~]+: \P{Cc}*)$/v);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  function linesOf(headers: Record<string, string>): string {
    try {
      const entries = Object.entries(checkUserHeaders(headers));
      return entries.map(([name, value]) => `${name}: ${value}`).join("\r\n");
    } catch (error) {
      if (UmbelError.is(error, "invalid_argument")) return "refused";
      throw error;
    }
  }

  test.each([
    ["a line break", "a\r\nNats-Rollup: all"],
    ["a bare line feed", "a\nb"],
    ["a bare carriage return", "a\rb"],
    ["a null", "a\0b"],
    ["a tab", "a\tb"],
    ["a next-line character", "a\u0085b"],
    ["a delete", "a\u007fb"],
    ["white space before", " a"],
    ["white space behind", "a "],
    ["more than 4096 characters", "x".repeat(4_097)],
  ])("may not have a value with %s", (_, value) => {
    expect(() => checkUserHeaders({ note: value })).toThrow(
      refused(/^headers\.note: expected text of at most 4096/),
    );
  });

  test.each([[1], [null], [undefined], [["a"]], [{}]])("may not have a value that is %j", (value) => {
    expect(() => checkUserHeaders({ note: value }, "options.headers")).toThrow(
      refused(/^options\.headers\.note/),
    );
  });

  test.each(["", "a b", "a:b", "a\r\nb", "é", "__proto__", "x".repeat(101)])(
    "may not be named %j",
    (name) => {
      const headers = Object.fromEntries([[name, "x"]]);
      expect(() => checkUserHeaders(headers)).toThrow(refused(/^headers: expected header names/));
    },
  );

  test.each([
    "Nats-Rollup",
    "nats-expected-last-subject-sequence",
    "NATS-TTL",
    "Umbel",
    "umbel-anything",
    "traceparent",
    "TraceState",
    "baggage",
  ])("may not be named %s, which is reserved", (name) => {
    expect(() => checkUserHeaders({ [name]: "x" })).toThrow(refused(/do not start with "Nats-" or "Umbel"/));
    expect(isUserHeader(name)).toBe(false);
  });

  test.each(["tenant", "X-Nats-Like", "my-umbel", "traceparents", "x-baggage"])("may be named %s", (name) => {
    expect(checkUserHeaders({ [name]: "x" })).toStrictEqual({ [name]: "x" });
    expect(isUserHeader(name)).toBe(true);
  });

  test("are 32 at most", () => {
    const many = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}`, "x"]));
    expect(Object.keys(checkUserHeaders(many(32)))).toHaveLength(32);
    expect(() => checkUserHeaders(many(33))).toThrow(refused(/received "33 headers"/));
  });

  test("are 32 KiB in all at most, in bytes: the server takes no more than 64 KiB of headers", () => {
    const many = (count: number, value: string): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}`, value]));
    expect(Object.keys(checkUserHeaders(many(7, "x".repeat(4_096))))).toHaveLength(7);
    expect(() => checkUserHeaders(many(8, "x".repeat(4_096)))).toThrow(refused(/32768 bytes in all/));
    expect(() => checkUserHeaders(many(7, "é".repeat(4_096)))).toThrow(refused(/32768 bytes in all/));
  });

  test.each([
    ["a text", "tenant: acme"],
    ["null", null],
    ["nothing", undefined],
    ["an array", [["tenant", "acme"]]],
    ["a Map, whose entries would be lost", new Map([["tenant", "acme"]])],
    ["a Headers object, whose entries would be lost", new Headers({ tenant: "acme" })],
  ])("may not come as %s", (_, headers) => {
    expect(() => checkUserHeaders(headers)).toThrow(refused(/^headers: expected an object of texts/));
  });
});
