import type { ServerExit } from "./server-process.ts";

/**
 * A nats-server of this process. It listens on the loopback address only, in a session of its own, and does
 * not outlive this process: when that dies, by SIGKILL even, the server is killed.
 *
 * `stop`, `kill` and `restart` may be called at any time and any number of times; they run one after another.
 */
export interface LocalServer extends AsyncDisposable {
  /** For clients: `"nats://127.0.0.1:<port>"`. */
  readonly url: string;
  readonly port: number;
  /** The HTTP monitoring, `"http://127.0.0.1:<port>"`; `undefined` when it is off. */
  readonly monitorUrl: string | undefined;
  /** The nats-server's own process id; another one after a restart. */
  readonly pid: number;
  readonly name: string;
  readonly version: string;
  /** Holds JetStream's data, the configuration and the log. */
  readonly storeDir: string;
  /** What the server writes. It goes on after a restart and is gone with a temporary store. */
  readonly logFile: string;
  /** How the process that runs now, or ran last, has ended. Never rejects. Read it anew after a restart. */
  readonly exited: Promise<ServerExit>;
  /** End the server: SIGTERM, and SIGKILL when it has not ended after 10 seconds. Removes a temporary store. */
  stop(options?: StopOptions): Promise<void>;
  /** End the server by SIGKILL, as a crash would. Keeps the store. */
  kill(): Promise<void>;
  /**
   * Start the server again, after a clean stop when it still runs, with the same ports and store. A temporary
   * store that `stop()` has removed starts empty.
   *
   * @throws UmbelError `server_failed` as for the first start.
   */
  restart(): Promise<void>;
  /** `stop()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a server is stopped. */
export interface StopOptions {
  /** Whether a temporary store is kept, for a restart. Then remove it by another `stop()`. @default false */
  readonly keepStore?: boolean;
}
