import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { invalidArgument } from "@umbel/protocol";

/** The names that a configuration may have, the first that is there counts. */
export const CONFIG_NAMES: readonly string[] = ["ts", "mts", "js", "mjs"].map(
  (extension) => `umbel.config.${extension}`,
);

/**
 * The configuration of a project: in `cwd` or the nearest folder above it, up to the one that holds the repository
 * or the root of the disk. `named` is one that the user asks for.
 *
 * @throws UmbelError `invalid_argument` when the one that was asked for is not there.
 */
export function findConfig(cwd: string, named: string | undefined): string | undefined {
  if (named !== undefined) return findNamed(resolve(cwd, named), named);
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = CONFIG_NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    // What lies outside of a repository is not the project's, and it would be executed.
    if (existsSync(join(folder, ".git")) || folder === dirname(folder)) return undefined;
  }
}

function findNamed(path: string, named: string): string {
  if (existsSync(path)) return path;
  throw invalidArgument({
    field: "--config",
    received: named,
    expected: `a file (there is none at ${path})`,
  });
}
