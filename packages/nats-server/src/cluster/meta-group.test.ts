import { expect, test } from "vitest";
import { metaGroupGap, readMetaReport } from "./meta-group.ts";

const replicas = [
  { name: "b", current: true },
  { name: "c", current: true, offline: false },
];
const leader = (members: unknown): unknown => ({ meta_cluster: { leader: "a", replicas: members } });
const follower = { meta_cluster: { leader: "a" } };

function gap(reports: Record<string, unknown>): string | undefined {
  return metaGroupGap(Object.entries(reports).map(([name, jsz]) => readMetaReport(jsz, name)));
}

test("a cluster is whole when all know the leader and the leader finds all up to date", () => {
  expect(gap({ a: leader(replicas), b: follower, c: follower })).toBeUndefined();
});

test("what is missing is named", () => {
  expect(gap({ a: leader(replicas), b: follower, c: {} })).toBe("c knows no leader");
  expect(gap({ a: leader(replicas), b: follower, c: { meta_cluster: { leader: "" } } })).toBe(
    "c knows no leader",
  );
  expect(gap({ a: leader([replicas[0]]), b: follower, c: follower })).toBe("c is not up to date");
  expect(gap({ a: leader([{ name: "b", current: false }, replicas[1]]), b: follower, c: follower })).toBe(
    "b is not up to date",
  );
  expect(
    gap({ a: leader([replicas[0], { name: "c", current: true, offline: true }]), b: follower, c: follower }),
  ).toBe("c is not up to date");
  expect(gap({ a: leader(replicas), b: { meta_cluster: { leader: "b" } }, c: follower })).toBe(
    "the servers do not agree on a leader",
  );
});

test("an answer of another shape counts as no leader", () => {
  for (const jsz of [undefined, null, "text", [], { meta_cluster: 1 }]) {
    expect(readMetaReport(jsz, "a")).toEqual({ server: "a", leader: undefined, followers: [] });
  }
});
