import { arch, availableParallelism, hostname, platform, release, totalmem } from "node:os";
import {
  checkFields,
  checkRunId,
  invalidArgument,
  isPaused,
  MAX_ASKED_RUNS,
  MAX_LISTED_RUNS,
  type FoundRun,
  type InspectAnswers,
  type InspectVerb,
  type KnownRun,
  type RegisteredTask,
  type RequestArgs,
  type RunList,
  type ServedQueue,
} from "@umbel/protocol";
import type { WaitingRun } from "../consume/slot-pool.ts";
import { heldRun } from "../presence/describe-worker.ts";
import { WORKER_VERSION } from "../worker-version.ts";
import { redactedOptions } from "./redacted-options.ts";
import type { RemoteParts } from "./remote-parts.ts";

type Verbs = {
  readonly [Verb in InspectVerb]: (remote: RemoteParts, args: RequestArgs) => InspectAnswers[Verb];
};

/** What a worker answers to what it is asked. They throw UmbelError `invalid_argument` naming the wrong argument. */
export const INSPECT: Verbs = {
  ping: () => ({ at: Date.now() }),
  stats: ({ entry, parts }) => {
    const { user, system } = process.cpuUsage();
    const { servers, connected, serverVersion } = parts.connection;
    return {
      ...entry(),
      taskCounts: parts.counter.tasks,
      broker: { server: `${serverVersion} of ${servers.length} addresses`, connected },
      cpu: { userMs: Math.round(user / 1_000), systemMs: Math.round(system / 1_000) },
    };
  },
  active: ({ parts: { active } }) => ({
    runs: active.oldest(MAX_LISTED_RUNS).map(heldRun),
    total: active.size,
  }),
  reserved: (remote) => listed(reservedRuns(remote)),
  scheduled: (remote) => listed(scheduledRuns(remote)),
  registered: ({ parts }) => parts.tasks.map((task) => registeredTask(task, parts)),
  queues: ({ parts }) => parts.consumption.queues.map((queue) => servedQueue(queue, parts)),
  query: (remote, args) => findRuns(remote, checkRunIds(args)),
  conf: ({ parts }) => redactedOptions(parts.options),
  report: ({ parts, entry, unreadyReason }) => {
    const unready = unreadyReason();
    return {
      version: WORKER_VERSION,
      node: process.version,
      platform: `${platform()} ${release()} ${arch()}`,
      host: hostname(),
      cpus: availableParallelism(),
      memoryBytes: process.constrainedMemory() || totalmem(),
      broker: `nats-server ${parts.connection.serverVersion}`,
      mesh: parts.connection.mesh,
      uptimeMs: Date.now() - entry().startedAt,
      at: Date.now(),
      ...(unready === undefined ? {} : { unready }),
    };
  },
};

function listed(runs: readonly KnownRun[]): RunList {
  return { runs: runs.slice(0, MAX_LISTED_RUNS), total: runs.length };
}

function reservedRuns({ parts: { slots } }: RemoteParts): readonly KnownRun[] {
  return [...slots.loop.waitingRuns, ...slots.thread.waitingRuns].map(knownRun);
}

function scheduledRuns({ parts: { consumption } }: RemoteParts): readonly KnownRun[] {
  return consumption.earlyRuns
    .flatMap(({ user, dueAt }) => (user.run === undefined ? [] : [{ ...knownRun(user.run), dueAt }]))
    .toSorted((left, right) => left.dueAt - right.dueAt);
}

function knownRun({ runId, queue, meta: { task } }: WaitingRun): KnownRun {
  return { runId, task, queue };
}

function findRuns(remote: RemoteParts, runIds: ReadonlySet<string>): readonly FoundRun[] {
  const wanted = ({ runId }: KnownRun): boolean => runIds.has(runId);
  return [
    ...remote.parts.active.find(runIds).map((run) => ({ ...heldRun(run), where: "active" as const })),
    ...reservedRuns(remote)
      .filter(wanted)
      .map((run) => ({ ...run, where: "reserved" as const })),
    ...scheduledRuns(remote)
      .filter(wanted)
      .map((run) => ({ ...run, where: "scheduled" as const })),
  ];
}

function registeredTask(name: string, { registry, rates, timeLimits }: RemoteParts["parts"]): RegisteredTask {
  const task = registry.get(name)?.task;
  if (task === undefined) return { name };
  const { queue, runsOn, retry, timeoutMs } = task;
  const rateLimit = rates.rateOf(name);
  const timeLimitMs = timeLimits.get(name);
  return {
    name,
    queue,
    runsOn,
    maxAttempts: retry.maxAttempts,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
  };
}

function servedQueue(name: string, { consumption, queueWatch }: RemoteParts["parts"]): ServedQueue {
  const config = queueWatch.config(name);
  const { paused } = config;
  return {
    name,
    pulledFor: consumption.pulledFor(name),
    lanes: config.keyed ? config.lanes : 0,
    ...(paused !== undefined && isPaused(config, Date.now()) ? { paused } : {}),
  };
}

/** @throws UmbelError `invalid_argument` */
export function checkRunIds(args: RequestArgs): ReadonlySet<string> {
  checkFields(args, "args", ["runIds"]);
  const { runIds } = args;
  if (Array.isArray(runIds) && runIds.length > 0 && runIds.length <= MAX_ASKED_RUNS) {
    return new Set(runIds.map((runId: unknown, index) => checkRunId(runId, `runIds[${index}]`)));
  }
  throw invalidArgument({
    field: "runIds",
    received: runIds,
    expected: `a list of 1 to ${MAX_ASKED_RUNS} run ids`,
  });
}
