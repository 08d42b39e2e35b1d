import { expect, test } from "vitest";
import { isAtLeast, LEAST_SERVER_VERSION } from "./server-check.ts";

test.each(["2.14.5", "2.14.6", "2.15.0", "2.15.1-RC.2", "3.0.0", "10.0.0", "2.14.5-dev"])(
  "%s is recent enough",
  (version) => {
    expect(isAtLeast(version, LEAST_SERVER_VERSION)).toBe(true);
  },
);

test.each(["2.14.4", "2.9.99", "2.14", "1.99.99", "", "unknown", "2.x.9"])("%s is too old", (version) => {
  expect(isAtLeast(version, LEAST_SERVER_VERSION)).toBe(false);
});
