import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where the program is; `undefined` when it is in none of the folders of `path`. */
export function findProgram(name: string, path: string = process.env["PATH"] ?? ""): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

const DEBIAN_VERSIONS = "/usr/lib/postgresql";

/** The folder with PostgreSQL's server programs. Debian keeps them outside of the PATH, by version. */
export function findPostgresFolder(
  path: string = process.env["PATH"] ?? "",
  versions: string = DEBIAN_VERSIONS,
): string | undefined {
  const found = [...path.split(delimiter), ...debianFolders(versions)];
  return found.find((folder) => folder !== "" && isExecutable(join(folder, "initdb")));
}

function debianFolders(versions: string): readonly string[] {
  try {
    const newestFirst = readdirSync(versions).toSorted((left, right) => Number(right) - Number(left));
    return newestFirst.map((version) => join(versions, version, "bin"));
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
