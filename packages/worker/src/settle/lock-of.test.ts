import { expect, test } from "vitest";
import { lockOf } from "./lock-of.ts";

test.each([
  [undefined, undefined],
  ["1;t;5;o;v=1", undefined],
  ["1;t;5;o;v=1;u=k~1", "k.1"],
  ["2;t;5;o;u=k", undefined],
  ["1;t;5;o;u=*", undefined],
])("the lock that the header %s names is %s", (header, lock) => {
  expect(lockOf({ header: () => header })).toBe(lock);
});
