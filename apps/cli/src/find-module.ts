import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { invalidArgument, nearestName } from "@umbel/protocol";

const FIELD = "<modules...>";

/** The modules that a command is about. */
export interface ModulesFlag {
  /** Those of the configuration. */
  readonly modules?: readonly string[];
}

/**
 * The modules that the command line names, else those of the configuration, as URLs.
 *
 * @throws UmbelError `invalid_argument` when there are none, or one is not there: with the nearest one that is.
 */
export async function findModules(
  named: readonly string[],
  { modules = [] }: ModulesFlag,
  cwd: string,
): Promise<readonly URL[]> {
  const wanted = named.length > 0 ? named : modules;
  if (wanted.length > 0) return Promise.all(wanted.map((module) => findModule(module, cwd)));
  throw invalidArgument({
    field: FIELD,
    received: undefined,
    expected: "paths of modules that export handlers",
    fix: "Name them here, or as modules in umbel.config.ts.",
  });
}

async function findModule(module: string, cwd: string): Promise<URL> {
  if (module.startsWith("file:")) return new URL(module);
  const path = resolve(cwd, module);
  if (existsSync(path)) return pathToFileURL(path);
  const nearest = await nearestFile(path);
  throw invalidArgument({
    field: FIELD,
    received: module,
    expected: "paths of modules that export handlers",
    fix: `There is no file ${path}.${nearest === undefined ? "" : ` Did you mean ${nearest}?`}`,
  });
}

async function nearestFile(path: string): Promise<string | undefined> {
  const folder = dirname(path);
  const files = await readdir(folder).catch(() => []);
  const nearest = nearestName(basename(path), files);
  return nearest === undefined ? undefined : join(folder, nearest);
}
