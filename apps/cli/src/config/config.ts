import type { Duration } from "@umbel/protocol";
import type { LogLevel } from "@umbel/telemetry";

/**
 * What `umbel.config.ts` says, for every command that has a flag for it. Flags come first, then the variables of the
 * environment, then this file, then the defaults. Paths are relative to the file.
 */
export interface UmbelConfig {
  /** One URL or several of one cluster. @default "nats://127.0.0.1:4222" */
  readonly servers?: string | readonly string[];
  /** Which mesh on them. @default "umbel" */
  readonly mesh?: string;
  /** Path of a NATS credentials file. Like `user`, `password` and `token`, it is for `servers` of this file only. */
  readonly creds?: string;
  readonly user?: string;
  /** Better read from somewhere: `process.env["NATS_PASSWORD"]`. */
  readonly password?: string;
  readonly token?: string;
  /** Paths of TLS files in PEM format. `cert` and `key` go together. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** First part of the reply subjects. @default "_INBOX" */
  readonly inboxPrefix?: string;
  /** The HTTP monitoring of the server, for `umbel doctor`. */
  readonly monitorUrl?: string;
  /** Modules that export handlers, for `umbel worker`, `dev` and `call`: paths from this file. */
  readonly modules?: readonly string[];
  /** The queues that workers serve. @default those of the tasks */
  readonly queues?: readonly string[];
  /** Runs at a time on the event loop of a worker. @default 50 */
  readonly concurrency?: number;
  /** Runs at a time on threads of a worker. @default one for each CPU */
  readonly threads?: number;
  /** Replace a thread after so many runs. @default never */
  readonly maxRunsPerThread?: number;
  /** What the heap of each thread may grow to, in megabytes. @default V8's choice */
  readonly threadMemory?: number;
  /** How soon a dead worker's runs go to others. @default "30s" */
  readonly ackWait?: Duration;
  /** How long runs may finish when a worker stops. @default "25s" */
  readonly drainTimeout?: Duration;
  /** Serve /livez and /readyz here. @default not at all */
  readonly health?: { readonly port: number; /** @default "127.0.0.1" */ readonly host?: string };
  /** Copies of the streams, for whoever makes them: 1, 3 or 5. @default 3 on a cluster, 1 on a server alone */
  readonly replicas?: number;
  /** @default "info" */
  readonly logLevel?: LogLevel;
}

/**
 * Types the default export of `umbel.config.ts`. It is checked when a command reads it, which names the file and the
 * field that is wrong.
 */
export function defineConfig(config: UmbelConfig): UmbelConfig {
  return config;
}
