import type { ConnectionOptions } from "@umbel/broker";
import type { Command } from "commander";
import { defined } from "./input/defined.ts";

/** The flags that say which mesh a command is about. */
export interface ConnectionFlags {
  readonly server?: string;
  readonly mesh?: string;
  readonly creds?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly inboxPrefix?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly config?: string;
}

/** The flag of every command that says something. */
export interface JsonFlag {
  readonly json?: boolean;
}

/** The variables that a command sees. */
export type Environment = Readonly<Partial<Record<string, string>>>;

/** The variables of the environment that stand for the flags of a connection. */
export const CONNECTION_VARIABLES: Readonly<Record<Exclude<keyof ConnectionFlags, "config">, string>> = {
  server: "UMBEL_SERVER",
  mesh: "UMBEL_MESH",
  creds: "UMBEL_CREDS",
  user: "UMBEL_USER",
  password: "UMBEL_PASSWORD",
  token: "UMBEL_TOKEN",
  inboxPrefix: "UMBEL_INBOX_PREFIX",
  tlsCa: "UMBEL_TLS_CA",
  tlsCert: "UMBEL_TLS_CERT",
  tlsKey: "UMBEL_TLS_KEY",
};

/** Give `command` the flags of a connection. */
export function addConnectionFlags(command: Command): Command {
  return command
    .optionsGroup("Connection:")
    .option("--server <url,...>", "servers of one cluster (env UMBEL_SERVER, default: nats://127.0.0.1:4222)")
    .option("--mesh <name>", "which mesh on them (env UMBEL_MESH, default: umbel)")
    .option("--creds <file>", "NATS credentials (env UMBEL_CREDS)")
    .option("--user <name>", "(env UMBEL_USER)")
    .option("--password <text>", "(env UMBEL_PASSWORD, which other users of the machine cannot see)")
    .option("--token <text>", "(env UMBEL_TOKEN)")
    .option("--inbox-prefix <subject>", "of reply subjects (env UMBEL_INBOX_PREFIX, default: _INBOX)")
    .option("--tls-ca <file>", "PEM of the authority that vouches for the server (env UMBEL_TLS_CA)")
    .option("--tls-cert <file>", "PEM that proves who we are (env UMBEL_TLS_CERT)")
    .option("--tls-key <file>", "its key (env UMBEL_TLS_KEY)")
    .option("--config <file>", "(env UMBEL_CONFIG, default: the nearest umbel.config.ts)");
}

/** Give `command` the flag `--json`. */
export function addJsonFlag(command: Command, what = "write JSON, for programs"): Command {
  return command.optionsGroup("Output:").option("--json", `${what} (env UMBEL_JSON=1)`);
}

/** How to connect, by flags and, where there is none, by the environment. */
export function connectionOptions(flags: ConnectionFlags, environment: Environment): ConnectionOptions {
  const value = (flag: keyof typeof CONNECTION_VARIABLES): string | undefined =>
    flags[flag] ?? variableOf(environment, CONNECTION_VARIABLES[flag]);
  const tls = defined({ ca: value("tlsCa"), cert: value("tlsCert"), key: value("tlsKey") });
  return defined({
    servers: value("server"),
    mesh: value("mesh"),
    creds: value("creds"),
    user: value("user"),
    password: value("password"),
    token: value("token"),
    inboxPrefix: value("inboxPrefix"),
    tls: Object.keys(tls).length === 0 ? undefined : tls,
  });
}

/** A variable of the environment; one that is empty counts as one that is not set. */
export function variableOf(environment: Environment, name: string): string | undefined {
  return environment[name] === "" ? undefined : environment[name];
}

/** Whether to write JSON. */
export function wantsJson(flags: JsonFlag, environment: Environment): boolean {
  return flags.json ?? isOn(environment["UMBEL_JSON"]);
}

/** Whether an environment variable means yes. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false", "no", "off"].includes(value.toLowerCase());
}
