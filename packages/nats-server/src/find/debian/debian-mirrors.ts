import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AptSource, parseDeb822Sources, parseOneLineSources } from "./apt-sources.ts";
import { isMissing } from "../../run-command.ts";

/**
 * The base URIs of the Debian mirrors that this machine's apt uses, without trailing slash, the likeliest
 * first: `["http://deb.mirror.test/debian"]`. Empty on a machine without them.
 */
export async function debianMirrors(aptDir: string): Promise<string[]> {
  const sources = await readSources(aptDir);
  const uris = await Promise.all(chooseMirrors(sources).map(expandMirrorList));
  return [...new Set(uris.flat())];
}

/**
 * The URIs of sources that look like Debian itself: the component `main` of a suite that Debian has. Those of
 * others can look alike; they are found out later, for their files are not signed by Debian.
 */
export function chooseMirrors(sources: readonly AptSource[]): string[] {
  const uris = sources
    .filter(({ components }) => components.includes("main"))
    .filter(({ suites }) => suites.some(isDebianSuite))
    .flatMap((source) => source.uris)
    .map((uri) => uri.replace(/\/+$/, ""))
    .filter((uri) => /^(https?|mirror\+file):/.test(uri) && !uri.endsWith("-security"));
  const rank = (uri: string): number => (uri.endsWith("/debian") ? 0 : 1);
  return [...new Set(uris)].sort((left, right) => rank(left) - rank(right));
}

const DEBIAN_SUITE =
  /^(stable|testing|unstable|oldstable|oldoldstable|sid|buster|bullseye|bookworm|trixie|forky|duke)(-(updates|backports))?$/;

function isDebianSuite(suite: string): boolean {
  return DEBIAN_SUITE.test(suite);
}

async function readSources(aptDir: string): Promise<AptSource[]> {
  const parts = join(aptDir, "sources.list.d");
  const names = await unlessMissing(readdir(parts), []);
  const files = [join(aptDir, "sources.list"), ...names.sort().map((name) => join(parts, name))];
  const sources = await Promise.all(files.map(readSourceFile));
  return sources.flat();
}

async function readSourceFile(path: string): Promise<AptSource[]> {
  if (path.endsWith(".list")) return parseOneLineSources(await unlessMissing(readFile(path, "utf8"), ""));
  if (path.endsWith(".sources")) return parseDeb822Sources(await readFile(path, "utf8"));
  return [];
}

// Debian's cloud images name a file that lists the mirrors.
async function expandMirrorList(uri: string): Promise<string[]> {
  if (!uri.startsWith("mirror+file:")) return [uri];
  const path = fileURLToPath(uri.replace("mirror+", ""));
  const lines = (await unlessMissing(readFile(path, "utf8"), "")).split("\n");
  const first = lines.map((line) => line.trim().split(/\s/, 1)[0] ?? "");
  return first.filter((line) => /^https?:/.test(line)).map((line) => line.replace(/\/+$/, ""));
}

async function unlessMissing<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  return reading.catch((error: unknown) => {
    if (isMissing(error)) return otherwise;
    throw error;
  });
}
