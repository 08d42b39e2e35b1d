import { invalidArgument } from "@umbel/protocol";
import {
  FAULT_KINDS,
  faultsFor,
  foreignSite,
  isFaultKind,
  reportText,
  verifySite,
  type FaultKind,
} from "@umbel/testing/verify";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { confirm, type YesFlag } from "../confirm.ts";
import { connectionOptions, wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { interruptible } from "../interrupt.ts";
import { formatDuration } from "../output/time.ts";

/** The flags of `umbel verify`. */
export interface VerifyFlags extends ConnectionFlags, JsonFlag, YesFlag {
  /** Milliseconds. */
  readonly for?: number;
  readonly seed?: number;
  readonly faults?: readonly string[];
  readonly rate?: number;
}

const DEFAULT_MS = 60_000;
const MOST_SEED = 1_000_000;

/** Put a cluster under load and faults. The exit code is 1 when a promise was broken. */
export async function verify(flags: VerifyFlags, deps: CommandDeps): Promise<number> {
  const wanted = faultsOf(flags.faults);
  const { mesh: _, ...connection } = connectionOptions(withoutMesh(flags), deps.env);
  const site = await foreignSite(connection);
  const faults = faultsFor(site, wanted);
  const { for: durationMs = DEFAULT_MS, seed = Math.floor(Math.random() * MOST_SEED), rate = 40 } = flags;
  const { mesh, servers } = site.connection;
  const question = `Put ${servers.join(", ")} under load for ${formatDuration(durationMs)}, with ${faults.join(", ")}, in the new mesh ${mesh}?`;
  if (!(await confirm(question, flags, deps))) return EXIT.failed;
  const { out, err } = deps.terminal;
  const json = wantsJson(flags, deps.env);
  const onProgress = (line: string): void => {
    if (!json) err.line(err.paint("quiet", line));
  };
  const report = await interruptible((signal) =>
    verifySite(site, { seed, durationMs, faults, perSecond: rate, onProgress, signal }),
  );
  out.line(json ? JSON.stringify(report) : reportText(report));
  const broken = report.violations.length > 0;
  if (broken && !json) err.line(`The history is in ${report.folder}; --seed ${seed} does the same again.`);
  return broken ? EXIT.failed : EXIT.ok;
}

function faultsOf(names: readonly string[] | undefined): readonly FaultKind[] | undefined {
  return names?.map((name) => {
    if (isFaultKind(name)) return name;
    throw invalidArgument({
      field: "--faults",
      received: name,
      expected: `some of ${FAULT_KINDS.join(",")}`,
    });
  });
}

// A mesh that is in use is nothing to do harm in.
function withoutMesh(flags: VerifyFlags): ConnectionFlags {
  if (flags.mesh === undefined) return flags;
  throw invalidArgument({
    field: "--mesh",
    received: flags.mesh,
    expected: "no mesh: a verification makes one of its own",
  });
}
