import {
  countWaiting,
  inspectConsumers,
  inspectCopies,
  inspectStreams,
  listSchedules,
  measureServerClock,
  probeRights,
  readServerFacts,
  readServerTime,
  type BrokerConnection,
  type ConsumerFacts,
  type ServerFacts,
} from "@umbel/broker";
import { UmbelError } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import { checkClock } from "./check-clock.ts";
import { checkConsumers } from "./check-consumers.ts";
import { checkCoverage } from "./check-coverage.ts";
import { checkQueues, mayBeStuck } from "./check-queues.ts";
import { checkRights } from "./check-rights.ts";
import { checkPayload, checkServer, checkStorage } from "./check-server.ts";
import { checkCopies, checkDurability, checkStreams, type InspectedStream } from "./check-streams.ts";
import { checkSchedules } from "./check-schedules.ts";
import { checkSync } from "./check-sync.ts";
import { checker, type Check } from "./check.ts";
import { readMonitor } from "./monitor.ts";

/** How a mesh is examined. */
export interface ExamineOptions {
  /** The monitoring of the server, if it may be asked. */
  readonly monitor: string | undefined;
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
  return [
    checkServer(facts),
    checkPayload(facts),
    checkStorage(facts),
    ...(await examineStreams(connection, facts, options)),
    ...(await guarded("clock", async () => [checkClock(await measureServerClock(connection))])),
    ...(await examineQueues(connection, options)),
    ...(await guarded("schedules", async () => examineSchedules(connection))),
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
  const sync = await guarded("sync", async () => [
    checkSync(monitor === undefined ? undefined : await readMonitor(monitor), {
      serverId: facts.id,
      replicas,
    }),
  ]);
  const copies = await guarded("copies", async () => checkCopies(await inspectCopies(connection)));
  return [...found, ...copies, ...sync];
}

async function examineQueues(
  connection: BrokerConnection,
  options: ExamineOptions,
): Promise<readonly Check[]> {
  let consumers: readonly ConsumerFacts[] | undefined;
  const found = await guarded("consumers", async () => {
    consumers = await inspectConsumers(connection);
    return [...checkConsumers(consumers), ...(await lookTwice(connection, consumers, options))];
  });
  const known = consumers ?? [];
  const coverage = await guarded("coverage", async () =>
    consumers === undefined ? [] : checkCoverage(await countWaiting(connection), known),
  );
  const queue = known.find((consumer) => consumer.queue !== undefined)?.queue ?? "default";
  const rights = await probeRights(connection, queue);
  return [...found, ...coverage, ...checkRights(rights)];
}

async function lookTwice(
  connection: BrokerConnection,
  first: readonly ConsumerFacts[],
  { secondLookMs, onSecondLook }: ExamineOptions,
): Promise<readonly Check[]> {
  if (!mayBeStuck(first)) return checkQueues(first, first, 0);
  onSecondLook();
  await sleep(secondLookMs);
  return checkQueues(first, await inspectConsumers(connection), secondLookMs);
}

// A right that this user lacks, or a stream that is missing, spoils one look and not the others.
async function guarded(name: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    if (UmbelError.is(error, "permission_denied")) return [checker(name).skip(missingRight(error))];
    if (UmbelError.is(error, "not_provisioned")) return [checker(name).skip("there is no tasks stream")];
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
