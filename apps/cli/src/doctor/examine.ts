import {
  countWaiting,
  findOverdueSchedules,
  inspectConsumers,
  inspectCopies,
  inspectStreams,
  inspectUse,
  listSchedules,
  measureServerClock,
  probeRights,
  QueueConfigs,
  readServerFacts,
  readServerTime,
  readWorkers,
  type BrokerConnection,
  type ConsumerFacts,
  type Right,
  type ServerFacts,
} from "@umbel/broker";
import { workerStatus } from "@umbel/client/internal";
import { DEFAULT_QUEUE, UmbelError } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import { checkClock } from "./check-clock.ts";
import { checkConsumers } from "./check-consumers.ts";
import { checkCoverage } from "./check-coverage.ts";
import { checkDisk } from "./check-disk.ts";
import { checkHeld } from "./check-held.ts";
import { checkLimits } from "./check-limits.ts";
import { checkOverdue } from "./check-overdue.ts";
import { checkQueues, mayBeStuck } from "./check-queues.ts";
import { checkReceipt } from "./check-receipt.ts";
import { checkRights } from "./check-rights.ts";
import { checkPayload, checkServer, checkStorage } from "./check-server.ts";
import { checkCopies, checkDurability, checkStreams, type InspectedStream } from "./check-streams.ts";
import { checkSchedules } from "./check-schedules.ts";
import { checkSync } from "./check-sync.ts";
import { checkWorkers } from "./check-workers.ts";
import { checker, type Check } from "./check.ts";
import { readMonitor, type MonitorFacts } from "./monitor.ts";
import type { Takers } from "./untaken.ts";

/** How a mesh is examined. */
export interface ExamineOptions {
  /** The monitoring of the server, if it may be asked. */
  readonly monitor: string | undefined;
  /** For how long what workers hold may stand still, in milliseconds. */
  readonly stuckAfterMs: number;
  /** Time between the two looks at queues, in milliseconds. */
  readonly secondLookMs: number;
  readonly onSecondLook: () => void;
}

/** Look at everything, and change nothing. @throws UmbelError when the connection is lost meanwhile */
export async function examine(
  connection: BrokerConnection,
  options: ExamineOptions,
): Promise<readonly Check[]> {
  const facts = await readServerFacts(connection);
  const rights = await probeRights(connection, await someQueue(connection));
  const { takers, checks: workers } = await examineWorkers(connection, rights);
  return [
    checkServer(facts),
    checkPayload(facts),
    checkStorage(facts),
    ...(await examineStreams(connection, facts, options)),
    ...(await guarded("clock", async () => [checkClock(await measureServerClock(connection))])),
    ...(await examineQueues(connection, { ...options, takers })),
    ...(await guarded("schedules", async () => examineSchedules(connection))),
    ...(await examineOverdue(connection, rights, options)),
    ...workers,
    ...checkRights(rights),
  ];
}

async function examineSchedules(connection: BrokerConnection): Promise<readonly Check[]> {
  // It also says when there is no mesh here.
  const now = await readServerTime(connection);
  return checkSchedules(await listSchedules(connection), now);
}

async function examineStreams(
  connection: BrokerConnection,
  facts: ServerFacts,
  { monitor }: ExamineOptions,
): Promise<readonly Check[]> {
  let streams: readonly InspectedStream[] = [];
  const found = await guarded("streams", async () => {
    streams = await inspectStreams(connection);
    const clustered = facts.cluster !== undefined;
    return [...checkStreams(streams, connection.mesh), ...checkDurability(streams, clustered)];
  });
  const replicas = Math.min(...streams.map((stream) => stream.found?.replicas ?? 1));
  let monitored: MonitorFacts | undefined;
  const sync = await guarded("sync", async () => {
    monitored = monitor === undefined ? undefined : await readMonitor(monitor);
    return [checkSync(monitored, { serverId: facts.id, replicas }), ...checkDisk(monitored)];
  });
  const limits = await guarded("limits", async () => checkLimits(await inspectUse(connection), Date.now()));
  const tasks = streams.find(({ name }) => name === connection.streams.tasks)?.found;
  const copies = await guarded("copies", async () => checkCopies(await inspectCopies(connection)));
  return [...found, ...copies, ...limits, ...sync, ...checkReceipt(tasks, monitored)];
}

async function examineQueues(
  connection: BrokerConnection,
  options: ExamineOptions & { readonly takers: Takers },
): Promise<readonly Check[]> {
  let consumers: readonly ConsumerFacts[] | undefined;
  const found = await guarded("consumers", async () => {
    consumers = await inspectConsumers(connection);
    const held = checkHeld(consumers, options.stuckAfterMs);
    return [...checkConsumers(consumers), ...(await lookTwice(connection, consumers, options)), ...held];
  });
  const known = consumers ?? [];
  const coverage = await guarded("coverage", async () =>
    consumers === undefined ? [] : checkCoverage(await countWaiting(connection), known),
  );
  return [...found, ...coverage];
}

function examineOverdue(
  connection: BrokerConnection,
  rights: readonly Right[],
  { stuckAfterMs }: ExamineOptions,
): Promise<readonly Check[]> {
  const overdueMs = Math.min(stuckAfterMs, OVERDUE_MS);
  return reading(`$JS.API.DIRECT.GET.${connection.streams.tasks}`, rights, [
    "schedules",
    async () => [checkOverdue(await findOverdueSchedules(connection, { from: 1, overdueMs }), Date.now())],
  ]);
}

interface ExaminedWorkers {
  readonly takers: Takers;
  readonly checks: readonly Check[];
}

async function examineWorkers(
  connection: BrokerConnection,
  rights: readonly Right[],
): Promise<ExaminedWorkers> {
  const { streams } = connection;
  let takers: Takers = { workers: undefined, configs: [], now: Date.now() };
  const checks = await reading(`$JS.API.DIRECT.GET.${streams.workers}`, rights, [
    "workers",
    async () => {
      const { workers: found, now } = await readWorkers(connection);
      const workers = found.map((worker) => workerStatus(worker, now));
      takers = { ...takers, workers, now };
      return checkWorkers(workers);
    },
  ]);
  await reading(`$JS.API.STREAM.MSG.GET.${streams.config}`, rights, [
    "queue",
    async () => {
      takers = { ...takers, configs: await new QueueConfigs(connection).list() };
      return [];
    },
  ]);
  return { takers, checks };
}

// Whoever may not read a stream would wait for an answer until the time is over.
async function reading(
  subject: string,
  rights: readonly Right[],
  [name, look]: readonly [string, () => Promise<readonly Check[]>],
): Promise<readonly Check[]> {
  const denied = rights.some((right) => right.subject === subject && !right.allowed);
  if (!denied) return guarded(name, look);
  return [checker(name).skip(`not known: this user may not publish to "${subject}"`)];
}

/** Workers start what is overdue within this time. */
const OVERDUE_MS = 60_000;

async function someQueue(connection: BrokerConnection): Promise<string> {
  try {
    const consumers = await inspectConsumers(connection);
    return consumers.find(({ queue }) => queue !== undefined)?.queue ?? DEFAULT_QUEUE;
  } catch (error) {
    if (UmbelError.is(error)) return DEFAULT_QUEUE;
    throw error;
  }
}

async function lookTwice(
  connection: BrokerConnection,
  first: readonly ConsumerFacts[],
  { secondLookMs, onSecondLook, takers }: ExamineOptions & { readonly takers: Takers },
): Promise<readonly Check[]> {
  if (!mayBeStuck(first)) return checkQueues({ before: first, now: first, lookedMs: 0 }, takers);
  onSecondLook();
  await sleep(secondLookMs);
  return checkQueues(
    { before: first, now: await inspectConsumers(connection), lookedMs: secondLookMs },
    takers,
  );
}

// A right that this user lacks, or a stream that is missing, spoils one look and not the others.
async function guarded(name: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    if (UmbelError.is(error, "permission_denied")) return [checker(name).skip(missingRight(error))];
    if (UmbelError.is(error, "not_provisioned")) return [checker(name).skip("there is no stream for it")];
    if (UmbelError.is(error, "broker_unavailable"))
      return [checker(name).fail(error.message, "Look at the server's log.")];
    throw error;
  }
}

function missingRight(error: UmbelError): string {
  const { operation, subject } = error.details;
  if (typeof subject !== "string") return error.message;
  return `not known: this user may not ${operation === "publish" ? "publish" : "subscribe"} to "${subject}"`;
}
