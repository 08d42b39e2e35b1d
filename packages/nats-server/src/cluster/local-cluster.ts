import type { LocalServer, StopOptions } from "../run/local-server.ts";

/** Several nats-servers of this process that form one cluster. Each is a {@link LocalServer} of its own. */
export interface LocalCluster extends AsyncDisposable {
  /** In the order of their names. Any of them can be stopped, killed and restarted on its own. */
  readonly servers: readonly LocalServer[];
  /** The servers' `url`s, for clients. */
  readonly urls: readonly string[];
  /**
   * Resolves when all servers take part in the cluster again. The restart of a server resolves earlier, when
   * it takes connections: without a majority it could wait for ever.
   *
   * @throws UmbelError `server_failed` when that is not so within the cluster's `startTimeoutMs`.
   */
  ready(): Promise<void>;
  /** Stop all servers. */
  stop(options?: StopOptions): Promise<void>;
  /** `stop()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The cluster of these servers. */
export function clusterOf(servers: readonly LocalServer[], ready: () => Promise<void>): LocalCluster {
  const stop = async (options?: StopOptions): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop(options)));
  };
  return {
    servers,
    urls: servers.map((server) => server.url),
    ready,
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
