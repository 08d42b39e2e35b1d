import { expect, test } from "vitest";
import { receiptOf } from "./receipt.ts";

test.each([
  ["file", 1, ["server-restart"]],
  ["file", 2, ["server-restart"]],
  ["file", 3, ["server-restart", "server-loss"]],
  ["file", 5, ["server-restart", "server-loss"]],
  ["memory", 1, []],
  ["memory", 3, ["server-loss"]],
] as const)("a run that was stored in a %s on %i servers survives %j", (storage, replicas, survives) => {
  expect(receiptOf({ storage, replicas })).toStrictEqual({
    storage,
    replicas,
    survives,
  });
});
