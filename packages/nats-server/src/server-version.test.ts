import { describe, expect, test } from "vitest";
import { compareVersions, isSupported, parseDebianVersion, parseVersion } from "./server-version.ts";

describe("parseVersion", () => {
  test.each([
    ["nats-server: v2.15.1\n", "2.15.1"],
    ["nats-server: v2.15.0-RC.3", "2.15.0-RC.3"],
    ["2.14.5", "2.14.5"],
  ])("%j is %j", (output, version) => {
    expect(parseVersion(output)).toBe(version);
  });

  test.each(["", "nats-server", "version 2.15", "command not found"])("%j has none", (output) => {
    expect(parseVersion(output)).toBeUndefined();
  });
});

describe("parseDebianVersion", () => {
  test.each([
    ["2.15.1-1", "2.15.1"],
    ["2.15.1-1+b2", "2.15.1"],
    ["1:2.15.1-1~bpo13+1", "2.15.1"],
    ["2.15.1~rc1-2", "2.15.1-rc1"],
    ["2.10.18+ds-3", "2.10.18"],
  ])("%j is upstream's %j", (version, upstream) => {
    expect(parseDebianVersion(version)).toBe(upstream);
  });
});

test("versions are ordered by number, a pre-release before its release", () => {
  const ordered = [
    "2.9.25",
    "2.10.3",
    "2.14.5-RC.1",
    "2.14.5",
    "2.14.10",
    "2.15.0-RC.1",
    "2.15.0-RC.2",
    "2.15.0",
    "3.0.0",
  ];
  expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered);
  expect(compareVersions("2.15.1", "2.15.1")).toBe(0);
});

test.each([
  ["2.14.4", false],
  ["2.14.5-RC.1", false],
  ["2.14.5", true],
  ["2.15.0-RC.1", true],
  ["2.9.99", false],
  ["10.0.0", true],
])("%s supported: %s", (version, supported) => {
  expect(isSupported(version)).toBe(supported);
});
