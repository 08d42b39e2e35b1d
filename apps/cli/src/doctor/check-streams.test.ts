import { describe, expect, test } from "vitest";
import { checkCopies, checkDurability, checkStreams, type InspectedStream } from "./check-streams.ts";

type Found = NonNullable<InspectedStream["found"]>;

function stream(name: string, found: Partial<Found> = {}): InspectedStream {
  return {
    name,
    found: { name, action: "unchanged", replicas: 1, storage: "file", ...found },
    differences: [],
  };
}

const difference = { setting: "max_age", found: 5, needed: 0, mutable: true };

describe("streams", () => {
  test("that are as needed are named", () => {
    expect(checkStreams([stream("A"), stream("B")], "m")).toEqual([
      { name: "streams", status: "ok", message: "A, B are as needed" },
    ]);
  });

  test("that are all missing mean that there is no such mesh", () => {
    const missing = { name: "A", found: undefined, differences: [] };
    expect(checkStreams([missing], "typo")).toMatchObject([
      { status: "fail", message: expect.stringContaining('"typo" has no streams') },
    ]);
  });

  test("of which one is missing fail by name", () => {
    const missing = { name: "A", found: undefined, differences: [] };
    expect(checkStreams([missing, stream("B")], "m")).toMatchObject([
      { status: "fail", message: "A is missing" },
    ]);
  });

  test("that differ fail with what was found and needed, and what can be done", () => {
    const [mutable] = checkStreams([{ ...stream("A"), differences: [difference] }], "m");
    expect(mutable).toMatchObject({ status: "fail", message: "A: max_age is 5 and must be 0" });
    expect(mutable?.advice).toContain("Restart a worker");
    const [fixed] = checkStreams([{ ...stream("A"), differences: [{ ...difference, mutable: false }] }], "m");
    expect(fixed?.advice).toContain("cannot be changed");
  });
});

describe("durability", () => {
  test("is that of the weakest stream", () => {
    expect(checkDurability([stream("A", { replicas: 3 }), stream("B")], false)).toMatchObject([
      { status: "ok", message: "B is on disk, 1 copy: survives a restart of the server, not its loss" },
    ]);
    expect(checkDurability([stream("A", { replicas: 3 })], true)).toMatchObject([
      {
        status: "ok",
        message: "every stream is on disk, 3 copies: survives a restart and the loss of a server",
      },
    ]);
  });

  test("of one copy on a cluster, or in memory, is a warning", () => {
    expect(checkDurability([stream("A")], true)).toMatchObject([
      { status: "warn", advice: expect.stringContaining("--replicas 3") },
    ]);
    expect(checkDurability([stream("A", { storage: "memory", replicas: 3 })], true)).toMatchObject([
      { status: "warn", message: expect.stringContaining("not a restart of all") },
    ]);
  });

  test("of nothing is not judged", () => {
    expect(checkDurability([{ name: "A", found: undefined, differences: [] }], false)).toEqual([]);
  });
});

describe("copies", () => {
  const follower = { server: "n2", current: true, offline: false, behind: 0, silentMs: 5 };

  test("of a single server are not judged", () => {
    expect(checkCopies([{ name: "A", leader: "n1", followers: [] }])).toEqual([]);
  });

  test("that are up and have everything are fine", () => {
    expect(checkCopies([{ name: "A", leader: "n1", followers: [follower] }])).toMatchObject([
      { status: "ok" },
    ]);
  });

  test("that are away, silent or behind are warnings", () => {
    const lost = { ...follower, current: false };
    const followers = [
      { ...lost, offline: true },
      { ...lost, behind: 7 },
      { ...lost, silentMs: 12_000 },
    ];
    expect(checkCopies([{ name: "A", leader: "n1", followers }])).toMatchObject([
      { status: "warn", message: "A: the copy on n2 is offline" },
      { status: "warn", message: "A: the copy on n2 is 7 operations behind" },
      { status: "warn", message: "A: the copy on n2 was last heard of 12 s ago" },
    ]);
  });

  test("without a leader are a failure, and nothing is known of the others", () => {
    expect(
      checkCopies([{ name: "A", leader: undefined, followers: [{ ...follower, current: false }] }]),
    ).toEqual([
      {
        name: "copies",
        status: "fail",
        message: "A has no leader",
        advice: "Bring a majority of its servers up.",
      },
    ]);
  });
});
