/** The oldest nats-server that Umbel works with: earlier ones lose schedules or repeat them. */
export const MINIMUM_VERSION = "2.14.5";

/** The release that is downloaded when no usable nats-server is found. */
export const RELEASE_VERSION = "2.15.1";

/** The version in the output of `nats-server --version`, without its `v`; `undefined` when there is none. */
export function parseVersion(output: string): string | undefined {
  return /\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z][0-9A-Za-z.-]*)?)/.exec(output)?.[1];
}

/**
 * The upstream version behind a Debian one: `"1:2.15.1~rc1-2+b1"` is `"2.15.1-rc1"`.
 * `undefined` when it does not start with three numbers.
 */
export function parseDebianVersion(version: string): string | undefined {
  const upstream = version.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
  return parseVersion(upstream.replace("~", "-"));
}

/** Whether this version is {@link MINIMUM_VERSION} or later. */
export function isSupported(version: string): boolean {
  return compareVersions(version, MINIMUM_VERSION) >= 0;
}

/** Negative, zero or positive as `left` is older than, the same as or newer than `right`; for `sort`. */
export function compareVersions(left: string, right: string): number {
  const a = versionParts(left);
  const b = versionParts(right);
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

function versionParts(version: string): { numbers: number[]; prerelease: string } {
  const [core = "", ...rest] = version.split("-");
  return { numbers: core.split(".").map(Number), prerelease: rest.join("-") };
}

// A pre-release comes before its release; two of them are only told apart, not ranked by semver's rules.
function comparePrereleases(left: string, right: string): number {
  if (left === right) return 0;
  if (left === "") return 1;
  if (right === "") return -1;
  return left < right ? -1 : 1;
}
