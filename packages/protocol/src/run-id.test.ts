import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRunId } from "./names.ts";
import { createRunIdSource, ORIGIN_LENGTH, shardOf, timeOfRunId, type RunIdSource } from "./run-id.ts";

const NOW = 1_795_000_000_000;
const CROCKFORD = /^[0-9A-HJKMNP-TV-Z]{24}$/;
const bytes = Uint8Array.from({ length: ORIGIN_LENGTH }, (_, index) => index * 25);

function takeIds(source: RunIdSource, count: number): string[] {
  return Array.from({ length: count }, () => source.next());
}

/** Whether each id is greater than the one before. */
function isAscending(ids: readonly string[]): boolean {
  return ids.every((id, at) => at === 0 || (ids[at - 1] ?? "") < id);
}

describe("generated run ids", () => {
  test("are 24 characters of Crockford's base 32, whatever the time and the random bytes", () => {
    const random = fc.uint8Array({ minLength: ORIGIN_LENGTH, maxLength: 16 });
    fc.assert(
      fc.property(fc.nat({ max: 32 ** 10 - 1 }), random, (ms, randomBytes) => {
        const source = createRunIdSource(() => ms, randomBytes);
        const id = source.next();
        expect(id).toMatch(CROCKFORD);
        expect(isRunId(id)).toBe(true);
        expect(id.endsWith(source.origin)).toBe(true);
        expect(source.origin).toHaveLength(ORIGIN_LENGTH);
        expect(timeOfRunId(id)).toBe(ms);
      }),
    );
  });

  test("sort as they were made, and are unique, however the clock jumps", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: NOW - 3, max: NOW + 3 }), { minLength: 2 }), (times) => {
        let at = 0;
        const source = createRunIdSource(() => times[at++] ?? NOW, bytes);
        expect(isAscending(takeIds(source, times.length))).toBe(true);
      }),
    );
  });

  test("keep the last time while the clock is behind it", () => {
    let now = NOW;
    const source = createRunIdSource(() => now, bytes);
    source.next();
    now = NOW - 60_000;
    expect(timeOfRunId(source.next())).toBe(NOW);
    now = NOW + 1;
    expect(timeOfRunId(source.next())).toBe(NOW + 1);
  });

  test("stay unique when the clock counts parts of milliseconds", () => {
    let now = NOW;
    const source = createRunIdSource(() => (now += 0.25), bytes);
    expect(isAscending(takeIds(source, 12))).toBe(true);
  });

  test("go on in the next millisecond when one has no more numbers, and in the one after that", () => {
    const source = createRunIdSource(() => NOW, bytes);
    let last = source.next();
    let unordered = 0;
    for (let made = 1; made <= 2 * 16 ** 4; made++) {
      const id = source.next();
      if (id <= last) unordered += 1;
      last = id;
    }
    expect(unordered).toBe(0);
    expect(timeOfRunId(last)).toBe(NOW + 2);
  });

  test("count in hexadecimal digits, which the server's tree of subjects holds in the least memory", () => {
    const source = createRunIdSource(() => NOW, bytes);
    const counters = takeIds(source, 0x1_235).map((id) => id.slice(10, 14));
    expect([0, 1, 0xa, 0xff, 0x100, 0x1_234].map((at) => counters[at])).toEqual([
      "0000",
      "0001",
      "000A",
      "00FF",
      "0100",
      "1234",
    ]);
  });

  test("of two producers differ even in the same millisecond", () => {
    const other = bytes.map((byte) => byte + 1);
    const ids = [bytes, other].flatMap((random) =>
      takeIds(
        createRunIdSource(() => NOW, random),
        1_000,
      ),
    );
    expect(new Set(ids).size).toBe(2_000);
  });

  test("are not made from too few random bytes: two producers would make the same", () => {
    expect(() => createRunIdSource(() => NOW, bytes.subarray(1))).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        details: { field: "randomBytes", received: "9 bytes", expected: "at least 10 bytes" },
      }),
    );
  });
});

describe("the shard of a run", () => {
  test("is the same for all ids of one producer, so that one subscription sees all its outcomes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: ORIGIN_LENGTH, maxLength: ORIGIN_LENGTH }), (random) => {
        let now = NOW;
        const source = createRunIdSource(() => (now += 7), random);
        const shards = new Set(takeIds(source, 50).map(shardOf));
        expect([...shards]).toEqual([shardOf(source.origin)]);
      }),
    );
  });

  test("is three characters that a subject can hold, for chosen ids too", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (id) => {
        expect(shardOf(id)).toMatch(/^[0-9A-HJKMNP-TV-Z]{3}$/);
      }),
    );
  });

  test("never changes: the shards of these ids are part of the protocol", () => {
    const shards = ["", "a", "order-4711", "01J0000000000000ABCDEFGHJK"].map(shardOf);
    expect(shards).toEqual(["7E5", "A9C", "40X", "H0A"]);
  });

  test("spreads producers evenly enough", () => {
    const shards = Array.from({ length: 10_000 }, (_, index) => shardOf(`ORIGIN${index}`));
    expect(new Set(shards).size).toBeGreaterThan(8_000);
  });
});

test.each(["", "order-4711", "x".repeat(24), "0".repeat(23), `${"0".repeat(23)}I`])(
  "a chosen id such as %j says nothing of when its run was enqueued",
  (id) => {
    expect(timeOfRunId(id)).toBeUndefined();
  },
);
