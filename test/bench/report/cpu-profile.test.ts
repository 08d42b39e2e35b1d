import { expect, test } from "vitest";
import { hottest } from "./cpu-profile.ts";

const frame = (functionName: string, url = "", lineNumber = 0) => ({
  callFrame: { functionName, url, lineNumber },
});

test("the hottest functions are those with the most time of their own, idle time aside", () => {
  const profile = {
    nodes: [
      { id: 1, ...frame("(idle)") },
      { id: 2, ...frame("encode", "file:///repo/packages/protocol/src/codec.ts", 59) },
      { id: 3, ...frame("", "node:internal/timers", 4) },
      { id: 4, ...frame("(garbage collector)") },
    ],
    samples: [1, 2, 3, 2, 4],
    timeDeltas: [1_000, 30, 10, 30, 30],
  };
  expect(hottest(profile, 2)).toEqual([
    { name: "encode src/codec.ts:60", part: 0.6 },
    { name: "(garbage collector)", part: 0.3 },
  ]);
});
