import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { aptProxy } from "./apt-proxy.ts";
import { type ListedPackage, debianArchitecture, findPackage, packageList } from "./debian-index.ts";
import { debianMirrors } from "./debian-mirrors.ts";
import { requireSignature } from "./debian-signature.ts";
import { type DownloadOptions, downloadText, downloadVerified } from "../download/download.ts";
import { UnreachableError } from "../download/http-get.ts";
import { installServer } from "../install-server.ts";
import { reasonText } from "../../reason-text.ts";
import { requireCommand } from "../../run-command.ts";
import { type Finding, type Search, missed } from "../search.ts";
import { MINIMUM_VERSION, isSupported, parseDebianVersion } from "../../server-version.ts";
import { unpackDeb } from "../download/unpack-archive.ts";

/** Where Debian has a recent enough server, the most settled first. */
const SUITES = ["forky", "testing", "sid"];
const PACKAGE = "nats-server";

/**
 * The server of the Debian package, from the mirror that this machine's apt uses. Only the one program is
 * taken out of it, nothing is installed in the system. Debian's signature covers the list of packages, and
 * that the package.
 */
export async function debianServer(search: Search): Promise<Finding> {
  const { platform, arch, aptDir } = search.machine;
  const architecture = debianArchitecture(arch);
  if (platform !== "linux" || architecture === undefined)
    return missed(`there is none for ${platform} on ${arch}`);
  const mirrors = await debianMirrors(aptDir);
  if (mirrors.length === 0) return missed(`no Debian mirror in ${aptDir}/sources.list or its sources.list.d`);
  const proxy = await aptProxy(search.signal);
  const reasons: string[] = [];
  for (const mirror of mirrors) {
    const finding = await searchMirror({ search, mirror, architecture, downloads: { ...search, proxy } });
    if (finding.kind === "found") return finding;
    reasons.push(...finding.reasons);
  }
  return missed(...reasons);
}

interface Mirror {
  readonly search: Search;
  /** Its base URI, without trailing slash. */
  readonly mirror: string;
  readonly architecture: string;
  readonly downloads: DownloadOptions;
}

async function searchMirror(from: Mirror): Promise<Finding> {
  const reasons: string[] = [];
  for (const suite of SUITES) {
    try {
      const server = await installServer(from.search, "debian", (folder) => unpackFrom(from, suite, folder));
      return { kind: "found", server };
    } catch (error) {
      from.search.signal?.throwIfAborted();
      reasons.push(`${from.mirror} ${suite}: ${reasonText(error)}`);
      if (error instanceof UnreachableError) break;
    }
  }
  return missed(...reasons);
}

async function unpackFrom(from: Mirror, suite: string, folder: string): Promise<string> {
  const { search, mirror, downloads } = from;
  const release = await signedRelease(from, suite, folder);
  const found = findPackage(await readPackages(from, { suite, release, folder }), PACKAGE);
  requireRecent(found, suite);
  const archive = join(folder, `${PACKAGE}.deb`);
  await downloadVerified({ url: `${mirror}/${found.path}`, sha256: found.sha256, path: archive }, downloads);
  return unpackDeb({ archive, member: "./usr/sbin/nats-server", folder, signal: search.signal });
}

async function signedRelease(
  { search, mirror, downloads }: Mirror,
  suite: string,
  folder: string,
): Promise<string> {
  const release = await downloadText(`${mirror}/dists/${suite}/Release`, downloads);
  const signature = await downloadText(`${mirror}/dists/${suite}/Release.gpg`, downloads);
  const path = join(folder, "Release");
  const signaturePath = join(folder, "Release.gpg");
  await writeFile(path, release);
  await writeFile(signaturePath, signature);
  await requireSignature({ path, signaturePath, keyrings: search.machine.keyrings, signal: search.signal });
  return release;
}

interface PackageLists {
  readonly suite: string;
  readonly release: string;
  readonly folder: string;
}

async function readPackages(from: Mirror, { suite, release, folder }: PackageLists): Promise<Buffer> {
  const { search, mirror, architecture, downloads } = from;
  const list = packageList(release, architecture);
  if (list === undefined) throw new Error(`it has no packages for ${architecture}`);
  const path = join(folder, list.compression === "gzip" ? "Packages.gz" : "Packages.xz");
  await downloadVerified(
    { url: `${mirror}/dists/${suite}/${list.path}`, sha256: list.sha256, path },
    downloads,
  );
  if (list.compression === "gzip") return promisify(gunzip)(await readFile(path));
  await requireCommand("xz", ["--decompress", path], { signal: search.signal });
  return readFile(join(folder, "Packages"));
}

function requireRecent(found: ListedPackage | undefined, suite: string): asserts found is ListedPackage {
  if (found === undefined) throw new Error(`${suite} has no package ${PACKAGE}`);
  const version = parseDebianVersion(found.version);
  if (version !== undefined && isSupported(version)) return;
  throw new Error(`${suite} has version ${found.version}, needed is ${MINIMUM_VERSION} or later`);
}
