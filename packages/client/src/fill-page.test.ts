import { describe, expect, test } from "vitest";
import { fillPage, formatCursor, parseCursor, type PageSource, type Placed } from "./fill-page.ts";

/** A stream of `count` messages, of which every `nth` belongs to the listing. */
function source(
  count: number,
  { nth = 1, bytes = 1, most = Infinity }: { nth?: number; bytes?: number; most?: number } = {},
): PageSource<Placed, number> & { readonly reads: number[] } {
  const reads: number[] = [];
  return {
    exact: nth === 1,
    reads,
    read: (after, limit) => {
      reads.push(limit);
      const length = Math.max(0, Math.min(limit, most, count - after));
      const items = Array.from({ length }, (_, index) => ({ sequence: after + index + 1, bytes }));
      return Promise.resolve({ items, more: after + length < count });
    },
    select: (items) =>
      Promise.resolve(items.map(({ sequence }) => (sequence % nth === 0 ? sequence : undefined))),
  };
}

describe("a page", () => {
  test("is full, and the next one begins behind its last entry", async () => {
    const page = await fillPage(source(100, { nth: 3 }), { after: 0, limit: 4 });
    expect(page).toEqual({ entries: [3, 6, 9, 12], after: 12, done: false, scanned: 100 });
  });

  test("reads no more than it holds when all belong to it", async () => {
    const from = source(100);
    expect(await fillPage(from, { after: 5, limit: 3 })).toMatchObject({ entries: [6, 7, 8], after: 8 });
    expect(from.reads).toEqual([3]);
  });

  test("goes on when the server gives less than was asked for", async () => {
    const page = await fillPage(source(100, { most: 2 }), { after: 0, limit: 5 });
    expect(page.entries).toEqual([1, 2, 3, 4, 5]);
  });

  test("ends where nothing is left, and only there", async () => {
    expect(await fillPage(source(3), { after: 0, limit: 9 })).toMatchObject({
      entries: [1, 2, 3],
      done: true,
    });
    expect(await fillPage(source(3), { after: 0, limit: 3 })).toMatchObject({ done: true });
    expect(await fillPage(source(3), { after: 3, limit: 3 })).toMatchObject({ entries: [], done: true });
    expect(await fillPage(source(9, { nth: 3 }), { after: 0, limit: 2 })).toMatchObject({ done: false });
  });

  test("gives up after a thousand messages, or enough bytes", async () => {
    const page = await fillPage(source(5_000, { nth: 10_000 }), { after: 0, limit: 9 });
    expect(page).toEqual({ entries: [], after: 1_000, done: false, scanned: 1_000 });
    const heavy = await fillPage(source(5_000, { nth: 10_000, bytes: 50_000 }), { after: 0, limit: 9 });
    expect(heavy).toMatchObject({ scanned: 250, done: false });
  });
});

describe("a cursor", () => {
  test("is read back as it was made", () => {
    for (const sequence of [0, 1, 1_000_000, Number.MAX_SAFE_INTEGER])
      expect(parseCursor(formatCursor("t", sequence), ["t", "r"], "after")).toEqual({ kind: "t", sequence });
  });

  test.each(["", "t", "x1", "t-1", "T1", "t1 ", `t${"z".repeat(11)}`, 5, undefined])(
    "%j is none",
    (cursor) => {
      expect(() => parseCursor(cursor, ["t", "r"], "after")).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    },
  );
});
