import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ShortLivedMap } from "./short-lived-map.ts";

type Change = readonly [action: "set" | "delete", key: number];

const change = fc.tuple(fc.constantFrom("set" as const, "delete" as const), fc.nat({ max: 3_000 }));

/** A map after `changes`, and V8's own after the same. */
function after(changes: readonly Change[]): [ShortLivedMap<number, object>, Map<number, object>] {
  const [map, own] = [new ShortLivedMap<number, object>(), new Map<number, object>()];
  for (const [action, key] of changes) {
    const value = { key };
    const had = map.get(key);
    if (action === "set") {
      map.set(key, value);
      own.set(key, value);
    } else if (map.take(key) === had) own.delete(key);
  }
  return [map, own];
}

describe("a map of short-lived entries", () => {
  test("holds what a map holds", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5_000, size: "max" }), (changes) => {
        const [map, own] = after(changes);
        expect(map.size).toBe(own.size);
        expect(new Map(map.entries())).toEqual(own);
        expect(new Set(map.values())).toEqual(new Set(own.values()));
        for (const [key, value] of own) expect(map.get(key)).toBe(value);
      }),
      { numRuns: 30 },
    );
  });

  test("tells the oldest first, however many are gone and have moved", () => {
    const map = new ShortLivedMap<number, { readonly key: number }>();
    for (let key = 0; key < 10_000; key++) {
      map.set(key, { key });
      if (key % 100 !== 0) map.take(key);
    }
    const hundreds = Array.from({ length: 100 }, (_, index) => index * 100);
    expect(Array.from(map.entries(), ([key]) => key)).toEqual(hundreds);
    expect(Array.from(map.values(), ({ key }) => key)).toEqual(hundreds);
  });

  test("may lose entries while they are looked through", () => {
    const map = new ShortLivedMap<string, object>();
    for (const key of ["a", "b", "c"]) map.set(key, {});
    const seen: string[] = [];
    for (const [key] of map.entries()) {
      seen.push(key);
      map.take(key === "a" ? "b" : key);
    }
    expect(seen).toEqual(["a", "c"]);
    expect(map.size).toBe(1);
  });

  test("may lose so many entries while they are looked through that the rest moves", () => {
    const map = new ShortLivedMap<number, { readonly key: number }>();
    for (let key = 0; key < 10_000; key++) map.set(key, { key });
    const seen: number[] = [];
    for (const [key] of map.entries()) {
      seen.push(key);
      for (let other = key + 1; other < key + 100; other++) map.take(other);
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index * 100));
  });

  test("keeps no keys of a peak that is over", () => {
    const map = new ShortLivedMap<string, object>();
    collect("major");
    const before = process.memoryUsage().heapUsed;
    for (let key = 0; key < PASSED; key++) map.set(`${key}`.padStart(100), {});
    for (let key = 0; key < PASSED; key++) map.take(`${key}`.padStart(100));
    collect("major");
    expect(map.size).toBe(0);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan((PASSED * 100) / 4);
  });

  test("keeps nothing of what has passed through it since it became old, until the next full collection", () => {
    const map = new ShortLivedMap<number, object>();
    passThrough(map, 0);
    collect("major");
    const before = process.memoryUsage().heapUsed;
    passThrough(map, PASSED);
    collect("minor");
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(PASSED_BYTES / 4);
  });
});

const PASSED = 50_000;
const LIVE = 100;
// With fractions, since arrays hold those in eight bytes each.
const NUMBERS = Array.from({ length: 64 }, (_, index) => index + 0.5);
const PASSED_BYTES = PASSED * NUMBERS.length * 8;

function passThrough(map: ShortLivedMap<number, object>, from: number): void {
  for (let key = from; key < from + PASSED; key++) {
    map.set(
      key,
      NUMBERS.map((number) => number + key),
    );
    map.take(key - LIVE);
  }
}

function collect(type: "major" | "minor"): void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc === "function") gc({ type, execution: "sync" });
}
