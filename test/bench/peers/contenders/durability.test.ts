import { expect, test } from "vitest";
import { describePair, isFairPair, type Durability } from "./durability.ts";

const everySecond: Durability = { mode: "sync_interval 1s", loss: "power" };
const aofEverySecond: Durability = { mode: "AOF everysec", loss: "power" };
const aofAlways: Durability = { mode: "AOF always", loss: "nothing" };
const inMemory: Durability = { mode: "no persistence", loss: "crash" };

test("a pair is fair when both may lose the same, whatever they call it", () => {
  expect(isFairPair(everySecond, aofEverySecond)).toBe(true);
  expect(describePair(everySecond, aofEverySecond)).toBe("equal");
});

test("any other pair says that it is not, and who promises more", () => {
  expect(isFairPair(everySecond, aofAlways)).toBe(false);
  expect(describePair(everySecond, aofAlways)).toBe(
    "UNEQUAL, theirs is safer: ours may lose the last second when the machine dies, theirs may lose nothing",
  );
  expect(describePair(everySecond, inMemory)).toMatch(/^UNEQUAL, ours is safer: .* loses everything/);
});
