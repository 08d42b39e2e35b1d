import { access, constants } from "node:fs/promises";
import { delimiter, resolve } from "node:path";
import type { Machine } from "./machine.ts";
import { probeServer } from "./probe-server.ts";
import { type Finding, type Search, missed } from "./search.ts";

/** The first usable nats-server in the folders of `PATH`. */
export async function serverOnPath({ machine, signal }: Search): Promise<Finding> {
  const reasons: string[] = [];
  for (const path of candidates(machine)) {
    if (!(await isExecutable(path))) continue;
    const probe = await probeServer(path, signal);
    if (probe.kind === "usable") {
      return { kind: "found", server: { path, version: probe.version, source: "path" } };
    }
    reasons.push(probe.reason);
  }
  return reasons.length === 0 ? missed("no nats-server in its folders") : missed(...reasons);
}

/** The file name of a nats-server on this platform. */
export function serverFileName(platform: NodeJS.Platform): string {
  return platform === "win32" ? "nats-server.exe" : "nats-server";
}

function candidates({ env, platform }: Machine): string[] {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...new Set(folders)].map((folder) => resolve(folder, serverFileName(platform)));
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
