import { expect, test } from "vitest";
import { printable } from "./printable.ts";

test("what would command a terminal is made visible", () => {
  expect(printable("red \u001B[31m\u009B2J bell\u0007 back\b")).toBe(
    "red \\x1b[31m\\x9b2J bell\\x07 back\\x08",
  );
});

test("text of all languages, lines and tabs stay", () => {
  expect(printable("Grüße, 世界 👋\n\tdone")).toBe("Grüße, 世界 👋\n\tdone");
});
