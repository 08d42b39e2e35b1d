import { BENCH_QUEUE, WARM_QUEUE } from "../../work/tasks.ts";
import { findProgram } from "../brokers/find-program.ts";
import { countAll, startRedis, type Persistence, type RedisLayout } from "../brokers/redis-server.ts";
import { open } from "../programs/bullmq-driver.ts";
import { missingPackages } from "../install/install-peers.ts";
import type { Contender } from "./contender.ts";
import type { Durability } from "./durability.ts";
import { fillWith } from "./fill-with.ts";

const DRIVER = new URL("../programs/bullmq-driver.ts", import.meta.url);
const WORKER = new URL("../programs/bullmq-worker.ts", import.meta.url);
const keys = (part: string): readonly string[] =>
  [BENCH_QUEUE, WARM_QUEUE].map((queue) => `bull:${queue}:${part}`);

const LAYOUT: RedisLayout = {
  queued: (redis) =>
    countAll(redis, [
      ...["wait", "active"].flatMap(keys).map((key) => ["LLEN", key] as const),
      ...["prioritized", "delayed"].flatMap(keys).map((key) => ["ZCARD", key] as const),
    ]),
  outcomes: (redis) =>
    countAll(
      redis,
      keys("completed").map((key) => ["ZCARD", key] as const),
    ),
};

/** What an answer of Redis is worth, by when it writes down what it was told. */
export const REDIS_DURABILITY: Readonly<Record<Persistence, Durability>> = {
  none: { mode: "Redis, no persistence", loss: "crash" },
  everysec: { mode: "Redis, AOF everysec", loss: "power" },
  always: { mode: "Redis, AOF always", loss: "nothing" },
};

/** BullMQ, by when its Redis writes. */
export const bullmqContenders: readonly Contender[] = (["everysec", "none", "always"] as const).map(
  (persistence) => ({
    name: `bullmq ${persistence}`,
    system: "bullmq",
    title: "BullMQ",
    durability: REDIS_DURABILITY[persistence],
    caveat: "",
    programs: { driver: DRIVER, worker: WORKER },
    missing: async () => missingRedis() ?? missingPackages(),
    startBroker: () => startRedis(persistence, LAYOUT),
    fill: (url, filling) => fillWith(open, url, filling),
  }),
);

/** How to install Redis; `undefined` when it is there. */
export function missingRedis(): string | undefined {
  return findProgram("redis-server") === undefined
    ? "redis-server is not in the PATH: apt-get install redis-server, or brew install redis"
    : undefined;
}
