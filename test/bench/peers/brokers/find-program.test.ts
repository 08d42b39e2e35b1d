import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPostgresFolder, findProgram } from "./find-program.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "find-program-"));
  for (const version of ["9", "15"]) {
    mkdirSync(join(root, "versions", version, "bin"), { recursive: true });
    put(join(root, "versions", version, "bin", "initdb"), 0o755);
  }
  for (const folder of ["first", "second"]) mkdirSync(join(root, folder));
  put(join(root, "first", "redis-server"), 0o644);
  put(join(root, "second", "redis-server"), 0o755);
});
afterAll(() => rmSync(root, { recursive: true }));

function put(file: string, mode: number): void {
  writeFileSync(file, "");
  chmodSync(file, mode);
}

test("a program is found in the first folder where it may be executed", () => {
  const path = [join(root, "first"), join(root, "second")].join(delimiter);
  expect(findProgram("redis-server", path)).toBe(join(root, "second", "redis-server"));
  expect(findProgram("redis-server", join(root, "first"))).toBeUndefined();
  expect(findProgram("redis-server", "")).toBeUndefined();
});

test("PostgreSQL is found in the PATH first, then in Debian's folders, the newest version by number", () => {
  const versions = join(root, "versions");
  expect(findPostgresFolder("", versions)).toBe(join(versions, "15", "bin"));
  expect(findPostgresFolder(join(versions, "9", "bin"), versions)).toBe(join(versions, "9", "bin"));
  expect(findPostgresFolder(join(root, "first"), join(root, "nowhere"))).toBeUndefined();
});
