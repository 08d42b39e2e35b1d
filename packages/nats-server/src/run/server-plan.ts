import { join } from "node:path";
import type { ServerBinary } from "../find/search.ts";
import type { ServerConfig } from "./server-config.ts";

/** Everything that is needed to start one server, again and again, with the same ports and store. */
export interface ServerPlan {
  readonly binary: ServerBinary;
  readonly config: ServerConfig;
  readonly configFile: string;
  readonly logFile: string;
  /** Whether the store is a temporary one that nobody needs after the last stop. */
  readonly temporary: boolean;
  readonly startTimeoutMs: number;
}

/** Where a server's own files are in its store folder, beside JetStream's. */
export function serverFiles(storeDir: string): { configFile: string; logFile: string; pidFile: string } {
  return {
    configFile: join(storeDir, "nats-server.conf"),
    logFile: join(storeDir, "nats-server.log"),
    pidFile: join(storeDir, "nats-server.pid"),
  };
}
