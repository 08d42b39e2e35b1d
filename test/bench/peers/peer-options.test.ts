import { expect, test } from "vitest";
import { chosenOf, parsePeerOptions } from "./peer-options.ts";

test("nothing asks for everything", () => {
  expect(parsePeerOptions([])).toEqual({
    matches: [],
    only: [],
    n: undefined,
    rounds: undefined,
    minutes: undefined,
    targets: false,
    quick: false,
    add: false,
    list: false,
    results: undefined,
  });
});

test("matches and contenders are chosen by parts of their names", () => {
  const args = [
    "drain",
    "enqueue-many",
    "--only",
    "umbel",
    "--only",
    "celery",
    "--minutes",
    "4",
    "--quick",
    "--targets",
    "--add",
  ];
  expect(parsePeerOptions(args)).toMatchObject({
    matches: ["drain", "enqueue-many"],
    only: ["umbel", "celery"],
    minutes: 4,
    quick: true,
    targets: true,
    add: true,
  });
  const all = [{ name: "drain-1" }, { name: "r3 drain-100" }, { name: "roundtrip" }];
  expect(chosenOf(all, ["drain"])).toEqual(all.slice(0, 2));
  expect(chosenOf(all, ["drain-1"])).toEqual(all.slice(0, 1));
  expect(chosenOf(all, [])).toBe(all);
  expect(chosenOf(all, ["nothing"])).toEqual([]);
});

test.each([
  [["--n", "0"], "--n"],
  [["--minutes", "soon"], "--minutes"],
  [["--rounds=1.5"], "--rounds"],
  [["--what"], "--what"],
])("refuses %j and says what is wrong", (args, what) => {
  expect(() => parsePeerOptions(args)).toThrow(what);
});
