import { expect, test } from "vitest";
import { reasonText } from "./reason-text.ts";

test("the cause is told too, once and on one line", () => {
  const cause = new Error("connect ECONNREFUSED 127.0.0.1:1\nmore");
  expect(reasonText(new Error("x.test cannot be reached", { cause }))).toBe(
    "x.test cannot be reached: connect ECONNREFUSED 127.0.0.1:1",
  );
  expect(reasonText(new Error("failed: no", { cause: new Error("no") }))).toBe("failed: no");
});

test("the errors of several addresses are all told", () => {
  const error = new AggregateError([new Error("refused ::1"), new Error("refused 127.0.0.1")], "");
  expect(reasonText(error)).toBe("refused ::1, refused 127.0.0.1");
});

test("what is no error is told as text", () => {
  expect(reasonText("gone")).toBe("gone");
});
