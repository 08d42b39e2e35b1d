import type { Command } from "commander";
import type { CommandDeps } from "../command-deps.ts";
import { CONNECTION_VARIABLES, variableOf, type Environment } from "../connection-flags.ts";
import type { FlagValues } from "./config-fields.ts";
import { findConfig } from "./find-config.ts";
import { loadConfig } from "./load-config.ts";

const SOURCE = "config";
/** It has a server of its own: the one of a configuration may be the real one. */
const LOCAL = "dev";
/** What else than the connection is for: flags of other commands that are called the same mean something else. */
const SETTLED: ReadonlySet<string> = new Set(["worker", LOCAL, "call", "doctor", "provision"]);

/** The variables of the environment that come before the configuration, by their flags. */
const VARIABLES: Readonly<Partial<Record<string, string>>> = {
  ...CONNECTION_VARIABLES,
  logLevel: "UMBEL_LOG_LEVEL",
};

/** Who a user is belongs to the servers that know it: it is not shown to others. */
const CREDENTIALS: ReadonlySet<string> = new Set(["creds", "user", "password", "token", "inboxPrefix"]);

/**
 * Give `command` what the project's configuration says of its flags, for those that neither the command line nor the
 * environment says. Commands without `--config` are left alone.
 *
 * @throws UmbelError `invalid_argument` for a configuration that is not there, or wrong.
 */
export async function applyConfig(
  command: Command,
  { env, cwd }: Pick<CommandDeps, "env" | "cwd">,
): Promise<void> {
  const known = command.options.map((option) => option.attributeName());
  if (!known.includes("config")) return;
  const named: unknown = command.getOptionValue("config");
  const wanted = typeof named === "string" ? named : variableOf(env, "UMBEL_CONFIG");
  const path = findConfig(cwd, wanted);
  if (path === undefined) return;
  const values = await loadConfig(path);
  command.setOptionValueWithSource("config", path, SOURCE);
  const given = (flag: string): boolean => command.getOptionValueSource(flag) === "cli";
  for (const [flag, value] of Object.entries(choose(values, { given, env }))) {
    if (!isFor(flag, command)) continue;
    if (known.includes(flag) || flag === "modules") command.setOptionValueWithSource(flag, value, SOURCE);
  }
}

function isFor(flag: string, command: Command): boolean {
  if (flag in CONNECTION_VARIABLES) return flag !== "server" || command.name() !== LOCAL;
  return command.parent?.parent === null && SETTLED.has(command.name());
}

/** What else says something about flags. */
export interface OtherSources {
  /** Whether the command line has this flag. */
  readonly given: (flag: string) => boolean;
  readonly env: Environment;
}

/** Those `values` of the configuration that nothing before it says otherwise. Pure. */
export function choose(values: FlagValues, { given, env }: OtherSources): FlagValues {
  const isSaid = (flag: string): boolean =>
    given(flag) || variableOf(env, VARIABLES[flag] ?? "") !== undefined;
  const elsewhere = values["server"] !== undefined && isSaid("server");
  const kept = Object.entries(values).filter(
    ([flag, value]) => value !== undefined && !isSaid(flag) && !(elsewhere && CREDENTIALS.has(flag)),
  );
  return Object.fromEntries(kept);
}
