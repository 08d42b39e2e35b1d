import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keepBytes } from "./keep-bytes.ts";

test("what is kept stays as it was, whatever is kept afterwards and whatever becomes of the original", () => {
  const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(5_000)), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const originals = lengths.map((length, index) => new Uint8Array(length).fill(index % 251));
      const kept = originals.map(keepBytes);
      for (const original of originals) original.fill(255);
      kept.forEach((bytes, index) => {
        expect(bytes.byteLength).toBe(lengths[index]);
        expect(bytes.every((byte) => byte === index % 251)).toBe(true);
      });
    }),
    { numRuns: 50 },
  );
});
