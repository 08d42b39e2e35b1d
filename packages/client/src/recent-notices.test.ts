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

  test("is forgotten when 512 others have come since", () => {
    expect(filled(512).take("run-0")).toEqual(body(0));
    const full = filled(513);
    expect(full.take("run-0")).toBeUndefined();
    expect(full.take("run-1")).toEqual(body(1));
  });

  test("is as young as its last notice: a claim long before does not make it old", () => {
    const recent = filled(512);
    recent.add("run-0", body(7));
    recent.add("run-512", body(8));
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
});
