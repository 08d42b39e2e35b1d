import { invalidArgument } from "@umbel/protocol";
import type { FindServerOptions } from "../find/find-server.ts";

/** What a single server and a cluster have in common. */
export interface CommonServerOptions extends Pick<FindServerOptions, "cacheDir" | "onProgress" | "signal"> {
  /** The nats-server to run. @default what `findServer` finds */
  readonly binary?: string | undefined;
  /**
   * How long written messages may stay in memory before they are forced to the disk, as nats-server spells
   * durations, or `"always"`: before each is confirmed. Only a crash of the machine can lose them.
   * @default "1s"
   */
  readonly syncInterval?: string | undefined;
  /**
   * More lines of nats-server's configuration. A setting that is repeated here replaces ours, a block such as
   * `jetstream` as a whole.
   */
  readonly extraConfig?: string | undefined;
  /** Milliseconds until a server must be ready. @default 30_000 */
  readonly startTimeoutMs?: number | undefined;
}

/** How a local server is run. */
export interface LocalServerOptions extends CommonServerOptions {
  /** The port for clients. @default a free one */
  readonly port?: number | undefined;
  /** Where JetStream keeps its data. @default a fresh temporary folder, removed by `stop()` */
  readonly storeDir?: string | undefined;
  /** Whether the HTTP monitoring is on, or its port. @default false */
  readonly monitor?: boolean | number | undefined;
  /** Without spaces. @default a name that no other server has */
  readonly serverName?: string | undefined;
}

/** The time that a server has to become ready when nothing else is said. */
export const START_TIMEOUT_MS = 30_000;
/** How often a server forces its data to the disk when nothing else is said. */
export const SYNC_INTERVAL = "1s";

/** @throws UmbelError `invalid_argument` for the first option that is not acceptable. */
export function checkServerOptions(options: LocalServerOptions): void {
  checkPort("port", options.port);
  if (typeof options.monitor !== "boolean") checkPort("monitor", options.monitor);
  checkName("serverName", options.serverName);
  checkCommonOptions(options);
}

/** {@link checkServerOptions} for what a cluster takes too. */
export function checkCommonOptions({ syncInterval, startTimeoutMs }: CommonServerOptions): void {
  if (syncInterval !== undefined && !/^(always|(\d+(ms|s|m|h))+)$/.test(syncInterval)) {
    const expected = '"always" or a duration such as "250ms", "1s", "2m"';
    throw invalidArgument({ field: "syncInterval", received: syncInterval, expected });
  }
  if (startTimeoutMs !== undefined && !(startTimeoutMs > 0 && startTimeoutMs <= 2 ** 31 - 1)) {
    throw invalidArgument({
      field: "startTimeoutMs",
      received: startTimeoutMs,
      expected: "milliseconds above 0",
    });
  }
}

/** @throws UmbelError `invalid_argument` for a name that nats-server does not take. */
export function checkName(field: string, name: string | undefined): void {
  if (name === undefined || /^\S+$/.test(name)) return;
  throw invalidArgument({ field, received: name, expected: "a name without spaces" });
}

function checkPort(field: string, port: number | undefined): void {
  if (port === undefined || (Number.isInteger(port) && port >= 1 && port <= 65_535)) return;
  throw invalidArgument({
    field,
    received: port,
    expected: "a whole number from 1 to 65535",
    fix: "Leave it out for a free port.",
  });
}
