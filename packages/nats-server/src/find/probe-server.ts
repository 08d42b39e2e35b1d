import { reasonText } from "../reason-text.ts";
import { type CommandResult, isMissing, runCommand } from "../run-command.ts";
import { MINIMUM_VERSION, isSupported, parseVersion } from "../server-version.ts";

/** What a file turned out to be when asked for its version. */
export type Probe =
  | { readonly kind: "usable"; readonly version: string }
  | { readonly kind: "too_old"; readonly version: string; readonly reason: string }
  | { readonly kind: "unusable"; readonly reason: string };

const PROBE_TIMEOUT_MS = 10_000;

/** Run `<path> --version` and judge the answer. Rejects only when aborted. */
export async function probeServer(path: string, signal?: AbortSignal): Promise<Probe> {
  try {
    return judge(path, await runCommand(path, ["--version"], { signal, timeoutMs: PROBE_TIMEOUT_MS }));
  } catch (error) {
    signal?.throwIfAborted();
    const reason = isMissing(error)
      ? `there is no file ${path}`
      : `${path} cannot be run: ${reasonText(error)}`;
    return { kind: "unusable", reason };
  }
}

function judge(path: string, { code, stdout, stderr }: CommandResult): Probe {
  const version = parseVersion(stdout);
  if (code !== 0 || version === undefined) {
    const said = reasonText(stderr || stdout) || "nothing";
    return { kind: "unusable", reason: `${path} --version gave no version, it said: ${said}` };
  }
  if (isSupported(version)) return { kind: "usable", version };
  return {
    kind: "too_old",
    version,
    reason: `${path} is version ${version}, needed is ${MINIMUM_VERSION} or later`,
  };
}
