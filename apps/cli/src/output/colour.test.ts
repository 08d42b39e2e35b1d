import { expect, test } from "vitest";
import { createPaint, wantsColour } from "./colour.ts";

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
  [false, { FORCE_COLOR: "1" }, true],
  [true, { FORCE_COLOR: "0" }, false],
  [true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
])("terminal: %s, environment: %j, colours: %s", (isTerminal, env, colours) => {
  expect(wantsColour(isTerminal, env)).toBe(colours);
});

test("text stays as it is without colours", () => {
  expect(createPaint(false)("bad", "x")).toBe("x");
  expect(createPaint(true)("bad", "x")).toBe("\u001B[31mx\u001B[39m");
});
