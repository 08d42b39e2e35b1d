import { BENCH_QUEUE, WARM_QUEUE } from "../../work/tasks.ts";
import { findPostgresFolder } from "../brokers/find-program.ts";
import { startPostgres, type PostgresLayout, type SynchronousCommit } from "../brokers/postgres-server.ts";
import { missingPackages } from "../install/install-peers.ts";
import { loadPeer } from "../install/load-peer.ts";
import { silent, type Graphile } from "../programs/graphile-api.ts";
import { open as openGraphile } from "../programs/graphile-driver.ts";
import { openPgBoss } from "../programs/open-pg-boss.ts";
import { open as openDriver } from "../programs/pg-boss-driver.ts";
import type { Contender } from "./contender.ts";
import type { Durability } from "./durability.ts";
import { fillWith } from "./fill-with.ts";

const PG_BOSS_PROGRAMS = {
  driver: new URL("../programs/pg-boss-driver.ts", import.meta.url),
  worker: new URL("../programs/pg-boss-worker.ts", import.meta.url),
};
const GRAPHILE_PROGRAMS = {
  driver: new URL("../programs/graphile-driver.ts", import.meta.url),
  worker: new URL("../programs/graphile-worker.ts", import.meta.url),
};

const DURABILITY: Readonly<Record<SynchronousCommit, Durability>> = {
  on: { mode: "PostgreSQL, synchronous_commit on", loss: "nothing" },
  off: { mode: "PostgreSQL, synchronous_commit off", loss: "power" },
};

const PG_BOSS: PostgresLayout = {
  queued: "select count(*) from pgboss.job where state < 'completed'",
  outcomes: "select count(*) from pgboss.job where state = 'completed' and output is not null",
  prepare: async (url) => {
    const boss = await openPgBoss(url);
    for (const queue of [BENCH_QUEUE, WARM_QUEUE]) await boss.createQueue(queue, { notify: true });
    await boss.stop({ graceful: false });
  },
};

const GRAPHILE: PostgresLayout = {
  queued: "select count(*) from graphile_worker._private_jobs",
  outcomes: undefined,
  prepare: async (url) => {
    const loaded = await loadPeer<Graphile>("graphile-worker");
    const utils = await loaded.makeWorkerUtils({ connectionString: url, logger: silent(loaded) });
    await utils.migrate();
    await utils.release();
  },
};

/** What keeps its queues in PostgreSQL. */
export const postgresContenders: readonly Contender[] = [
  {
    name: "pg-boss",
    system: "pg-boss",
    title: "pg-boss",
    durability: DURABILITY.on,
    caveat: "fetches 100 jobs at a time; callers poll for results",
    programs: PG_BOSS_PROGRAMS,
    missing: async () => missingPostgres() ?? missingPackages(),
    startBroker: () => startPostgres("on", PG_BOSS),
    fill: (url, filling) => fillWith(openDriver, url, filling),
  },
  graphile("on"),
  graphile("on", "local-queue"),
  graphile("off", "local-queue"),
];

function graphile(commit: SynchronousCommit, variant?: "local-queue"): Contender {
  const settings = [
    ...(commit === "off" ? ["async-commit"] : []),
    ...(variant === undefined ? [] : [variant]),
  ];
  return {
    name: ["graphile-worker", ...settings].join(" "),
    system: "graphile-worker",
    title: variant === undefined ? "graphile-worker" : "graphile-worker, local queue",
    durability: DURABILITY[commit],
    caveat: "keeps no results",
    programs: { ...GRAPHILE_PROGRAMS, variant },
    missing: async () => missingPostgres() ?? missingPackages(),
    startBroker: () => startPostgres(commit, GRAPHILE),
    fill: (url, filling) => fillWith(openGraphile, url, filling),
  };
}

function missingPostgres(): string | undefined {
  return findPostgresFolder() === undefined
    ? "PostgreSQL's initdb is neither in the PATH nor in /usr/lib/postgresql: apt-get install postgresql, or brew install postgresql"
    : undefined;
}
