import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkKey, checkLanes, checkOnRetry, laneOf, MAX_LANES } from "./lanes.ts";

describe("the lane of a key", () => {
  test("is what every other implementation computes", () => {
    // FNV-1a of "" is its offset, of "a" 0xE40C292C, of "foobar" 0xBF9CF968.
    expect(laneOf("", 32)).toBe(0x811c9dc5 % 32);
    expect(laneOf("a", 32)).toBe(0xe40c292c % 32);
    expect(laneOf("foobar", 31)).toBe(0xbf9cf968 % 31);
    expect([laneOf("customer 7", 8), laneOf("é🌱", 8)]).toEqual([4, 3]);
  });

  test("is always one of the lanes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: MAX_LANES }), (key, lanes) => {
        const lane = laneOf(key, lanes);
        expect(Number.isInteger(lane) && lane >= 0 && lane < lanes).toBe(true);
      }),
    );
  });

  test("is any lane about as often as any other", () => {
    const counts = Array.from({ length: 8 }, () => 0);
    for (let index = 0; index < 8_000; index++) {
      const lane = laneOf(`customer-${index}`, 8);
      counts[lane] = (counts[lane] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});

describe("what is no key, no number of lanes, no way to retry", () => {
  test.each([undefined, null, 7, "", "x".repeat(201), "\ud800", "a\udc00b"])("key %j", (value) => {
    expect(() => checkKey(value)).toThrow("key: expected text of 1 to 200 characters");
  });

  test.each([0, 33, 1.5, "8", undefined])("lanes %j", (value) => {
    expect(() => checkLanes(value)).toThrow("lanes: expected a whole number from 1 to 32");
  });

  test.each([undefined, true, "reorder"])("onRetry %j", (value) => {
    expect(() => checkOnRetry(value)).toThrow('onRetry: expected "keep-order" or "allow-reorder"');
  });

  test("is refused alone", () => {
    expect(checkKey("🌱".repeat(100))).toHaveLength(200);
    expect([checkLanes(1), checkLanes(32)]).toEqual([1, 32]);
    expect(checkOnRetry("allow-reorder")).toBe("allow-reorder");
  });
});
