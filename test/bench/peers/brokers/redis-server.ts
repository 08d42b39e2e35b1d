import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@umbel/runtime";
import { z } from "zod";
import { loadPeer } from "../install/load-peer.ts";
import type { Broker } from "./broker.ts";
import { findProgram } from "./find-program.ts";
import { startServerProcess } from "./server-process.ts";

/** When Redis writes down what it was told: never, about once a second, or before it answers. */
export type Persistence = "none" | "everysec" | "always";

/** What a system keeps in Redis, and how to count it. */
export interface RedisLayout {
  queued(redis: RedisClient): Promise<number>;
  outcomes(redis: RedisClient): Promise<number>;
}

/** What we use of ioredis. */
export interface RedisClient {
  call(command: string, ...args: readonly string[]): Promise<unknown>;
  disconnect(): void;
}

interface Ioredis {
  readonly Redis: new (url: string) => RedisClient;
}

/** Start a Redis of its own, with its data in a folder of its own. */
export async function startRedis(persistence: Persistence, layout: RedisLayout): Promise<Broker> {
  const { Redis } = await loadPeer<Ioredis>("ioredis");
  const program = findProgram("redis-server");
  if (program === undefined) throw new Error("redis-server is not installed");
  const folder = await mkdtemp(join(tmpdir(), "umbel-bench-redis-"));
  const port = await freePort();
  const append = persistence === "none" ? ["no"] : ["yes", "--appendfsync", persistence];
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = await startServerProcess({
    program,
    args: [...args, "--appendonly", ...append],
    port,
    stopSignal: "SIGKILL",
  });
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis(url);
  return {
    url,
    pids: [server.pid],
    queuedRuns: () => layout.queued(redis),
    storedOutcomes: () => layout.outcomes(redis),
    [Symbol.asyncDispose]: async () => {
      redis.disconnect();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const count = z.coerce.number();

/** The sum of what commands that count say. */
export async function countAll(
  redis: RedisClient,
  commands: readonly (readonly [string, ...string[]])[],
): Promise<number> {
  const answers = await Promise.all(commands.map(([name, ...args]) => redis.call(name, ...args)));
  return answers.reduce<number>((total, answer) => total + count.parse(answer), 0);
}
