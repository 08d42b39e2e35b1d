import { resolve } from "node:path";
import { UmbelError } from "@umbel/protocol";
import { type Probe, probeServer } from "./probe-server.ts";
import type { ServerBinary } from "./search.ts";
import { MINIMUM_VERSION } from "../server-version.ts";

/** A server that somebody asked for by its path. */
export interface NamedServer {
  readonly path: string;
  /** What to call the place where the path was given: `"path"` or the environment variable. */
  readonly field: string;
  readonly source: ServerBinary["source"];
}

/**
 * The server at a path that was asked for. It is that one or none: another would surprise.
 *
 * @throws UmbelError `server_missing` when it cannot be run, `unsupported_server` when it is too old.
 */
export async function requireNamedServer(named: NamedServer, signal?: AbortSignal): Promise<ServerBinary> {
  const path = resolve(named.path);
  const probe = await probeServer(path, signal);
  if (probe.kind === "usable") return { path, version: probe.version, source: named.source };
  throw refusal(named, probe);
}

function refusal({ path, field }: NamedServer, probe: Exclude<Probe, { kind: "usable" }>): UmbelError {
  const fix = `Give the path of a nats-server >= ${MINIMUM_VERSION}, or leave ${field} out to have one found.`;
  const code = probe.kind === "too_old" ? "unsupported_server" : "server_missing";
  const version = probe.kind === "too_old" ? { version: probe.version } : {};
  return new UmbelError(code, `${field}: ${probe.reason}. ${fix}`, {
    details: { field, path, needed: MINIMUM_VERSION, ...version },
  });
}
