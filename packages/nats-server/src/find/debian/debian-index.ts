import { parseParagraphs } from "./apt-sources.ts";

/** A file that a signed index describes. */
interface IndexedFile {
  /** Relative to the place that the index is about. */
  readonly path: string;
  readonly sha256: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  arm64: "arm64",
  arm: "armhf",
  ia32: "i386",
  ppc64: "ppc64el",
  s390x: "s390x",
  riscv64: "riscv64",
};

/** Debian's name for an architecture of Node; `undefined` when it has none. */
export function debianArchitecture(arch: string): string | undefined {
  return ARCHITECTURES[arch];
}

/** A suite's list of packages for one architecture. */
export interface PackageList extends IndexedFile {
  readonly compression: "gzip" | "xz";
}

const COMPRESSIONS = [
  { compression: "gzip", name: "Packages.gz" },
  { compression: "xz", name: "Packages.xz" },
] as const;

/**
 * The compressed list of packages of an architecture, in the text of a suite's `Release`; with gzip, which
 * Node can read, rather than xz. The path is by hash where the mirror has that, so that a mirror which is
 * being updated does not give the list of another day.
 */
export function packageList(release: string, architecture: string): PackageList | undefined {
  const fields = parseParagraphs(release)[0];
  const files = (fields?.get("sha256") ?? "").split("\n").map((line) => line.trim().split(/\s+/));
  const folder = `main/binary-${architecture}`;
  for (const { compression, name } of COMPRESSIONS) {
    const sha256 = files.find((file) => file[2] === `${folder}/${name}`)?.[0];
    if (sha256 === undefined) continue;
    const byHash = fields?.get("acquire-by-hash") === "yes";
    return { compression, sha256, path: byHash ? `${folder}/by-hash/SHA256/${sha256}` : `${folder}/${name}` };
  }
  return undefined;
}

/** A package in a list of packages. */
export interface ListedPackage extends IndexedFile {
  /** Debian's version: `"2.15.1-1"`. */
  readonly version: string;
}

/** A package's entry in the bytes of a `Packages` file; `undefined` when it has none that is whole. */
export function findPackage(packages: Buffer, name: string): ListedPackage | undefined {
  const entry = entryOf(packages, name);
  const fields = entry === undefined ? undefined : parseParagraphs(entry)[0];
  const version = fields?.get("version");
  const path = fields?.get("filename");
  const sha256 = fields?.get("sha256");
  if (version === undefined || path === undefined || sha256 === undefined) return undefined;
  return { version, path, sha256 };
}

// The file is 60 MB: the one entry is cut out of the bytes, the rest is never decoded.
function entryOf(packages: Buffer, name: string): string | undefined {
  const head = `Package: ${name}\n`;
  const before = packages.indexOf(`\n${head}`);
  if (before === -1 && packages.indexOf(head) !== 0) return undefined;
  const start = before + 1;
  const end = packages.indexOf("\n\n", start);
  return packages.subarray(start, end === -1 ? packages.length : end).toString();
}
