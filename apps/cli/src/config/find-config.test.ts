import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findConfig } from "./find-config.ts";

const root = mkdtempSync(join(tmpdir(), "umbel-config-"));
const inner = join(root, "repository", "packages", "shop");
mkdirSync(inner, { recursive: true });
const inRoot = join(root, "umbel.config.ts");
const inRepository = join(root, "repository", "umbel.config.mjs");
writeFileSync(inRoot, "");

afterAll(() => rmSync(root, { recursive: true, force: true }));

test("the nearest one counts, up to the folder of the repository", () => {
  expect(findConfig(inner, undefined)).toBe(inRoot);
  mkdirSync(join(root, "repository", ".git"));
  expect(findConfig(inner, undefined)).toBe(undefined);
  writeFileSync(inRepository, "");
  expect(findConfig(inner, undefined)).toBe(inRepository);
});

test("one that is asked for must be there", () => {
  expect(findConfig(inner, "../../../umbel.config.ts")).toBe(inRoot);
  expect(() => findConfig(inner, "nope.ts")).toThrow(
    /--config: expected a file \(there is none at .*nope\.ts\)/,
  );
});
