import { UmbelError } from "@umbel/protocol";
import { expect, test } from "vitest";
import { resolveLogLevel } from "./log-level.ts";

test("the option wins over the environment, and info is the default", () => {
  expect(resolveLogLevel("debug", { UMBEL_LOG_LEVEL: "error" })).toBe("debug");
  expect(resolveLogLevel(undefined, { UMBEL_LOG_LEVEL: "error" })).toBe("error");
  expect(resolveLogLevel(undefined, { UMBEL_LOG_LEVEL: "" })).toBe("info");
  expect(resolveLogLevel(undefined, {})).toBe("info");
});

test("a level that does not exist is refused, naming where it came from", () => {
  const levels = "expected one of debug, info, warn, error, silent";
  expect(() => resolveLogLevel("loud", {})).toThrow(`level: ${levels}, received "loud"`);
  expect(() => resolveLogLevel(undefined, { UMBEL_LOG_LEVEL: "loud" })).toThrow(
    `UMBEL_LOG_LEVEL: ${levels}, received "loud"`,
  );
  expect(() => resolveLogLevel("loud", {})).toThrow(UmbelError);
});
