import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { prettyLine } from "./pretty-line.ts";

const record = {
  level: "warn",
  time: "2026-11-23T10:00:00.123Z",
  pid: 7,
  hostname: "host",
  msg: "attempt failed",
};

test("time, level, message and fields stand on one line", () => {
  const line = prettyLine(JSON.stringify({ ...record, runId: "r1", queues: ["a", "b"] }), false);
  expect(line).toMatch(/^\d\d:\d\d:00\.123 WARN {2}attempt failed runId=r1 queues=\["a","b"\]\n$/);
});

test("the stacks of an error and of its causes stand below", () => {
  const err = { message: "m", stack: "Error: m\n    at a.ts:1", cause: { stack: "RangeError: deep" } };
  const [, ...below] = prettyLine(JSON.stringify({ ...record, err }), false).split("\n");
  expect(below).toEqual(["    Error: m", "        at a.ts:1", "    Caused by: RangeError: deep", ""]);
});

test("colour changes nothing but the level's colour", () => {
  const line = JSON.stringify(record);
  expect(prettyLine(line, true)).not.toBe(prettyLine(line, false));
  expect(stripVTControlCharacters(prettyLine(line, true))).toBe(prettyLine(line, false));
});

test.each(["no json\n", "7", "[]", ""])("%j is no record and stays as it is", (line) => {
  expect(prettyLine(line, false)).toBe(line);
});

test("what a terminal would obey is shown instead", () => {
  const line = JSON.stringify({
    level: "info",
    time: 0,
    msg: "a\u001b[2Jb",
    err: { stack: "c\u0007\n\u009bd" },
  });
  const shown = prettyLine(line, false);
  expect(shown).toContain("a\\x1b[2Jb");
  expect(shown).toContain("c\\x07\n    \\x9bd");
});
