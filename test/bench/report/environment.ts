import { readFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { z } from "zod";
import { BenchServer } from "../server/bench-server.ts";

/** What figures were measured with. */
export interface Environment {
  /** What an acknowledgement was worth: `"R1 file, sync_interval 1s"`. */
  readonly durability: string;
  readonly versions: {
    readonly node: string;
    readonly natsServer: string;
    readonly umbel: string;
    readonly cpu: string;
    readonly cores: number;
  };
}

/** Find out what is measured with. Starts a server to ask it. */
export async function describeEnvironment(syncInterval: string): Promise<Environment> {
  await using server = await BenchServer.start(syncInterval);
  return {
    durability: server.durability,
    versions: {
      node: process.versions.node,
      natsServer: server.version,
      umbel: await umbelVersion(),
      cpu: cpus()[0]?.model ?? "unknown",
      cores: availableParallelism(),
    },
  };
}

async function umbelVersion(): Promise<string> {
  const manifest = await readFile(new URL("../../../packages/client/package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}
