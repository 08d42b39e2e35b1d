import { expect, test } from "vitest";
import { ATTRIBUTES } from "./attributes.ts";

test("no two attributes share a key, and every key is lower case", () => {
  const keys: readonly string[] = Object.values(ATTRIBUTES);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[a-z][a-z_]*(\.[a-z][a-z_]*)*$/);
});
