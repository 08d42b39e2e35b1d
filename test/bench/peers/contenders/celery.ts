import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Crew } from "../../processes/crew.ts";
import type { Filling } from "../../scenarios/fill-queue.ts";
import { BENCH_QUEUE, WARM_QUEUE } from "../../work/tasks.ts";
import { findProgram } from "../brokers/find-program.ts";
import { countAll, startRedis, type RedisLayout } from "../brokers/redis-server.ts";
import { missingPackages } from "../install/install-peers.ts";
import { missingRedis, REDIS_DURABILITY } from "./bullmq.ts";
import type { Contender } from "./contender.ts";

const DRIVER = new URL("../programs/celery_driver.py", import.meta.url);
const WORKER = new URL("../programs/celery_worker.py", import.meta.url);
// Debian's packages are for Debian's Python, which need not be the first in the PATH.
const PYTHONS = ["/usr/bin/python3", "python3"];
const PROBE = "import celery, redis; print(celery.__version__)";

const LAYOUT: RedisLayout = {
  // What a worker holds waits in "unacked" until it is acked.
  queued: (redis) =>
    countAll(redis, [
      ["LLEN", BENCH_QUEUE],
      ["LLEN", WARM_QUEUE],
      ["HLEN", "unacked"],
    ]),
  outcomes: async (redis) => {
    const results = await redis.call("KEYS", "celery-task-meta-*");
    return Array.isArray(results) ? results.length : 0;
  },
};

let python: Promise<{ readonly path: string; readonly version: string } | undefined> | undefined;

/** A Python that has Celery, and the version of that; `undefined` when there is none. */
export function findCelery(): Promise<{ readonly path: string; readonly version: string } | undefined> {
  python ??= firstWithCelery();
  return python;
}

async function firstWithCelery(): Promise<{ readonly path: string; readonly version: string } | undefined> {
  for (const name of PYTHONS) {
    const path = name.startsWith("/") ? name : findProgram(name);
    if (path === undefined) continue;
    const probe = await promisify(execFile)(path, ["-c", PROBE]).catch(() => undefined);
    if (probe !== undefined) return { path, version: probe.stdout.trim() };
  }
  return undefined;
}

/** Celery as Debian has it. */
export const celery: Contender = {
  name: "celery everysec",
  system: "celery",
  title: "Celery",
  durability: REDIS_DURABILITY.everysec,
  mostRounds: 3,
  caveat: "acks before it executes; at most as many processes as cores",
  programs: { driver: DRIVER, worker: WORKER, interpreter: findCelery },
  missing: async () => {
    if ((await findCelery()) !== undefined) return missingRedis() ?? missingPackages();
    return "no Python here has Celery and its Redis client: apt-get install python3-celery python3-redis";
  },
  startBroker: () => startRedis("everysec", LAYOUT),
  fill: async (url, { queue, from, count }: Filling) => {
    await using crew = new Crew();
    const settings = { url, n: count, warmUp: 0, width: 1, queue };
    const driver = crew.start(DRIVER, { settings, interpreter: (await findCelery())?.path });
    await driver.next("ready");
    driver.tell("measure", { from, count }, "bulk");
    await driver.next("measured");
  },
};
