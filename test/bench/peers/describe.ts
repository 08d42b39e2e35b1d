import { execFile } from "node:child_process";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findServer } from "@umbel/nats-server";
import { findPostgresFolder, findProgram } from "./brokers/find-program.ts";
import { findCelery } from "./contenders/celery.ts";
import { peerVersions } from "./install/install-peers.ts";

const BYTES_PER_GB = 2 ** 30;

/** What is measured on. */
export function describeMachine(): Record<string, string | number> {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? "unknown",
    memoryGb: Math.round(totalmem() / BYTES_PER_GB),
    kernel: release(),
  };
}

/** What is measured, as far as it is here. */
export async function describeVersions(): Promise<Record<string, string>> {
  const postgres = findPostgresFolder();
  const found = {
    node: process.versions.node,
    "nats-server": await findServer()
      .then(({ version }) => version)
      .catch(() => undefined),
    ...(await peerVersions()),
    redis: await versionOf(findProgram("redis-server")),
    postgresql: await versionOf(postgres === undefined ? undefined : join(postgres, "postgres")),
    celery: (await findCelery())?.version,
  };
  const known = Object.entries(found).flatMap(([name, version]) =>
    version === undefined ? [] : [[name, version] as const],
  );
  return Object.fromEntries(known);
}

async function versionOf(program: string | undefined): Promise<string | undefined> {
  if (program === undefined) return undefined;
  const { stdout } = await promisify(execFile)(program, ["--version"]);
  return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0];
}
