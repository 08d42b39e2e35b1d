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

  test("is remembered while 8,192 others come, and forgotten before 16,384 have", () => {
    expect(filled(16_383).take("run-0")).toEqual(body(0));
    const full = filled(16_384);
    expect(full.take("run-8191")).toBeUndefined();
    expect(full.take("run-8192")).toEqual(body(0));
  });

  test("does not count those that were taken", () => {
    const recent = filled(1);
    for (let index = 0; index < 50_000; index++) {
      recent.add(`taken-${index}`, body(1));
      recent.take(`taken-${index}`);
    }
    expect(recent.take("run-0")).toEqual(body(0));
  });

  test("is as young as its last notice: a claim long before does not make it old", () => {
    const recent = filled(8_192);
    recent.add("run-0", body(7));
    for (let index = 8_193; index < 16_384; index++) recent.add(`run-${index}`, body(8));
    expect(recent.take("run-1")).toBeUndefined();
    expect(recent.take("run-0")).toEqual(body(7));
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

  test("is forgotten before it and what came since are more than 4 MiB together, and taking makes room again", () => {
    const recent = new RecentNotices();
    const large = (name: number): void => recent.add(`large-${name}`, new Uint8Array(16_384));
    for (let name = 1; name <= 127; name++) large(name);
    expect(recent.take("large-1")).toHaveLength(16_384);
    for (let name = 128; name <= 256; name++) large(name);
    expect(recent.take("large-2")).toHaveLength(16_384);
    for (let name = 257; name <= 384; name++) large(name);
    expect(recent.take("large-3")).toBeUndefined();
    expect(recent.take("large-257")).toHaveLength(16_384);
  });

  test("does not keep what it came with in memory", () => {
    const recent = new RecentNotices();
    const chunk = new Uint8Array(65_536);
    recent.add("run", chunk.subarray(10, 20));
    expect(recent.take("run")?.buffer.byteLength).toBe(10);
  });
});
