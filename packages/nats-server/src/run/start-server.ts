import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { UmbelError } from "@umbel/protocol";
import { bringUp } from "./bring-up.ts";
import { findServer } from "../find/find-server.ts";
import type { LocalServer } from "./local-server.ts";
import { freePorts, isPortInUse } from "./ports.ts";
import { RunningServer } from "./running-server.ts";
import type { ServerBinary } from "../find/search.ts";
import {
  type CommonServerOptions,
  type LocalServerOptions,
  START_TIMEOUT_MS,
  SYNC_INTERVAL,
  checkServerOptions,
} from "./server-options.ts";
import { type ServerPlan, serverFiles } from "./server-plan.ts";
import { type StoreDir, makeStoreDir } from "./store-dir.ts";

/**
 * Run a nats-server with JetStream on this machine and wait until it is ready. On Linux and macOS.
 *
 * @throws UmbelError `server_failed` when it does not start, with what it said last; `server_missing` or
 * `unsupported_server` when there is none to start; `invalid_argument` for an option that is not acceptable;
 * the signal's reason when aborted.
 */
export async function startServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  checkServerOptions(options);
  const binary = await binaryFor(options);
  const store = await makeStoreDir(options.storeDir);
  return untilPortsAreFree(async () => {
    const plan = await planServer(options, binary, store);
    options.onProgress?.(`starting nats-server ${binary.version} on port ${plan.config.port}`);
    return new RunningServer(plan, await bringUp(plan, options.signal));
  }).catch(async (error: unknown) => {
    if (store.temporary) await rm(store.path, { recursive: true, force: true });
    throw error;
  });
}

/** The server to run, found if need be. */
export async function binaryFor({
  binary,
  cacheDir,
  onProgress,
  signal,
}: CommonServerOptions): Promise<ServerBinary> {
  if (process.platform === "win32") {
    const fix = "Start a nats-server by hand and connect to it.";
    throw new UmbelError("server_failed", `A local server is run on Linux and macOS only. ${fix}`);
  }
  return findServer({ path: binary, cacheDir, onProgress, signal });
}

const START_ATTEMPTS = 3;

/** Another program may take a free port before the server does: then `start` is called again, to choose others. */
export async function untilPortsAreFree<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === START_ATTEMPTS || !isPortInUse(error)) throw error;
    }
  }
}

async function planServer(
  options: LocalServerOptions,
  binary: ServerBinary,
  store: StoreDir,
): Promise<ServerPlan> {
  const [freeClientPort = 0, freeMonitorPort = 0] = await freePorts(2);
  const { port = freeClientPort, monitor = false } = options;
  const { pidFile, ...files } = serverFiles(store.path);
  return {
    binary,
    ...files,
    temporary: store.temporary,
    startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
    config: {
      name: options.serverName ?? `umbel-${port}-${randomBytes(4).toString("hex")}`,
      port,
      monitorPort: monitorPort(monitor, freeMonitorPort),
      storeDir: store.path,
      pidFile,
      syncInterval: options.syncInterval ?? SYNC_INTERVAL,
      cluster: undefined,
      extra: options.extraConfig ?? "",
    },
  };
}

function monitorPort(monitor: boolean | number, free: number): number | undefined {
  if (typeof monitor === "number") return monitor;
  return monitor ? free : undefined;
}
