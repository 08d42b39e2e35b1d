import { describe, expect, test } from "vitest";
import { RecentNotices } from "./recent-notices.ts";

const body = (value: number): Uint8Array => new Uint8Array([value]);

function filled(count: number): RecentNotices {
  const recent = new RecentNotices();
  for (let index = 0; index < count; index++) recent.add(`run-${index}`, body(index % 256));
  return recent;
}

describe("an outcome that came before anyone asked", () => {
  test("is taken once", () => {
    const recent = filled(2);
    expect(recent.take("run-1")).toEqual(body(1));
    expect(recent.take("run-1")).toBeUndefined();
    expect(recent.take("run-0")).toEqual(body(0));
    expect(recent.take("unknown")).toBeUndefined();
  });

  test("is the last that came of its run", () => {
    const recent = filled(1);
    recent.add("run-0", body(7));
    expect(recent.take("run-0")).toEqual(body(7));
  });

  test("is forgotten when 16,384 others have come since", () => {
    expect(filled(16_384).take("run-0")).toEqual(body(0));
    const full = filled(16_385);
    expect(full.take("run-0")).toBeUndefined();
    expect(full.take("run-1")).toEqual(body(1));
  });

  test("is as young as its last notice: a claim long before does not make it old", () => {
    const recent = filled(16_384);
    recent.add("run-0", body(7));
    recent.add("run-16384", body(8));
    expect(recent.take("run-0")).toEqual(body(7));
    expect(recent.take("run-1")).toBeUndefined();
  });

  test("is not kept when it is larger than 16 KiB: the record can be read", () => {
    const recent = new RecentNotices();
    recent.add("large", new Uint8Array(16_385));
    recent.add("small", new Uint8Array(16_384));
    expect(recent.take("large")).toBeUndefined();
    expect(recent.take("small")).toHaveLength(16_384);
  });

  test("does not leave an older notice of its run behind when it is too large", () => {
    const recent = new RecentNotices();
    recent.add("run", body(1));
    recent.add("run", new Uint8Array(16_385));
    expect(recent.take("run")).toBeUndefined();
  });

  test("is forgotten when it and what came since are more than 4 MiB together, and taking makes room again", () => {
    const recent = new RecentNotices();
    const large = (name: number): void => recent.add(`large-${name}`, new Uint8Array(16_384));
    for (let name = 1; name <= 256; name++) large(name);
    expect(recent.take("large-1")).toHaveLength(16_384);
    large(257);
    expect(recent.take("large-2")).toHaveLength(16_384);
    large(258);
    large(259);
    expect(recent.take("large-3")).toBeUndefined();
    expect(recent.take("large-4")).toHaveLength(16_384);
  });

  test("does not keep what it came with in memory", () => {
    const recent = new RecentNotices();
    const chunk = new Uint8Array(65_536);
    recent.add("run", chunk.subarray(10, 20));
    expect(recent.take("run")?.buffer.byteLength).toBe(10);
  });
});
