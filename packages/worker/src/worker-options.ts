import { availableParallelism, hostname } from "node:os";
import type { ResourceLimits } from "node:worker_threads";
import { CONNECTION_FIELDS, type ConnectionOptions, type PriorityWeights } from "@umbel/broker";
import {
  checkFields,
  checkQueueName,
  checkWholeNumber,
  DEFAULT_ACK_WAIT_MS,
  invalidArgument,
  parsePositiveDuration,
  type Duration,
} from "@umbel/protocol";
import type { ScheduleDeclaration } from "@umbel/client";
import { createLogger } from "@umbel/telemetry";
import type { Logger } from "@umbel/runtime";
import type { EventListener } from "./events/event-listeners.ts";
import { resolveHooks } from "./hook-options.ts";
import type { Middleware } from "./middleware.ts";
import { isHandler, type Handler } from "./handler.ts";
import { moduleUrl } from "./handler-registry.ts";
import { checkThreadMemory, type ThreadMemory } from "./thread-memory.ts";
import { checkPriorities, type PriorityOption } from "./priority-option.ts";

/** What {@link startWorker} takes. */
export interface WorkerOptions extends ConnectionOptions {
  /**
   * Modules that export handlers: URLs, or paths from the current folder. Threads load them too, so handlers
   * that run on threads must come from here.
   */
  readonly modules?: readonly (URL | string)[];
  /** Handlers given directly; only ones that run on the loop. */
  readonly handlers?: readonly Handler[];
  /** @default every queue that a task of the handlers names */
  readonly queues?: readonly string[];
  /** How many runs may execute on the loop at a time. @default 50 */
  readonly concurrency?: number;
  /**
   * Between priorities: `"strict"`, nothing lower begins while something higher waits; or weights, by which they
   * share while all of them have runs that wait. @default "strict"
   */
  readonly priorities?: PriorityOption;
  /** How many runs may execute on threads at a time. @default the CPUs that this process may use */
  readonly threads?: number;
  /**
   * Replace a thread after so many runs, against what leaks in them. Its successor is started first, and no run
   * waits for it: meanwhile the old one goes on. @default never
   */
  readonly maxRunsPerThread?: number;
  /** How much memory each thread may use; a run that takes more fails its attempt. @default V8's own limits */
  readonly threadMemory?: ThreadMemory;
  /** How long after its last sign of life a worker's runs are given to another. For the whole queue. @default "30s" */
  readonly ackWait?: Duration;
  /** How long a stopping worker lets runs finish before it aborts them. @default "25s" */
  readonly drainTimeout?: Duration;
  /** How long a handler may take to end after its signal aborted; then a thread is killed. @default "2s" */
  readonly abortGrace?: Duration;
  /** How long a run of an unknown task waits for a worker that knows it. @default "10m" */
  readonly unknownTaskGrace?: Duration;
  /** Starts in a row that end without a word before the run is a dead letter. @default 5 */
  readonly crashLoopLimit?: number;
  /** Serve `/livez` and `/readyz` here. @default not at all */
  readonly health?: { readonly port: number; /** @default "127.0.0.1" */ readonly host?: string };
  /**
   * Look after the process: drain on SIGTERM and SIGINT, a second one aborts at once; charge an error that nobody
   * caught to the run that it comes from, drain, and end with a code other than 0. @default true
   */
  readonly signals?: boolean;
  /** Copies of the mesh's streams, if this worker is the one that makes them. @default 3 on a cluster, 1 on a server alone */
  readonly replicas?: number;
  /** Tells workers apart. @default host name and process id */
  readonly workerName?: string;
  /** Tell the mesh's events of what happens on this worker. @default true */
  readonly events?: boolean;
  /** Hears every event of this worker, at once, told to the mesh or not. What it throws is logged. */
  readonly onEvent?: EventListener;
  /**
   * Schedules that this program declares: made or updated in the mesh when the worker starts. What it declares no
   * more is logged, and goes on until it is deleted.
   */
  readonly schedules?: readonly ScheduleDeclaration[];
  /** Tells the lists of schedules of different programs apart. @default "code" */
  readonly scheduleSource?: string;
  /** Around every execution here, and every enqueue of its handlers; the first is the outermost. @default none */
  readonly middleware?: readonly Middleware[];
}

/** {@link WorkerOptions} with every default filled in. Times in milliseconds. */
export interface ResolvedWorker {
  readonly connection: ConnectionOptions;
  readonly modules: readonly string[];
  readonly handlers: readonly Handler[];
  readonly queues: readonly string[] | undefined;
  readonly concurrency: number;
  readonly threads: number;
  readonly maxRunsPerThread: number | undefined;
  readonly threadLimits: ResourceLimits | undefined;
  /** `undefined`: strictly the most urgent first. */
  readonly priorities: PriorityWeights | undefined;
  readonly ackWaitMs: number;
  readonly drainTimeoutMs: number;
  readonly abortGraceMs: number;
  readonly unknownTaskGraceMs: number;
  readonly crashLoopLimit: number;
  readonly health: { readonly port: number; readonly host: string } | undefined;
  readonly signals: boolean;
  readonly replicas: number | undefined;
  readonly workerName: string;
  readonly events: boolean;
  readonly onEvent: EventListener | undefined;
  readonly schedules: readonly ScheduleDeclaration[] | undefined;
  readonly scheduleSource: string;
  readonly middleware: readonly Middleware[];
  readonly logger: Logger;
}

const FIELDS: readonly string[] = [
  ...CONNECTION_FIELDS,
  "modules",
  "handlers",
  "queues",
  "concurrency",
  "threads",
  "maxRunsPerThread",
  "threadMemory",
  "priorities",
  "ackWait",
  "drainTimeout",
  "abortGrace",
  "unknownTaskGrace",
  "crashLoopLimit",
  "health",
  "signals",
  "replicas",
  "workerName",
  "events",
  "onEvent",
  "schedules",
  "scheduleSource",
  "middleware",
];

/** @throws UmbelError `invalid_argument` naming the wrong option. */
export function resolveWorkerOptions(options: WorkerOptions): ResolvedWorker {
  checkFields(options, "worker", FIELDS);
  return {
    ...resolveSizes(options),
    ...resolveTimes(options),
    connection: connectionOptions(options),
    modules: checkModules(options.modules ?? []),
    handlers: checkHandlers(options.handlers ?? []),
    queues: checkQueues(options.queues),
    priorities: checkPriorities(options.priorities ?? "strict"),
    health: checkHealth(options.health),
    signals: checkSignals(options.signals ?? true),
    workerName: checkText(options.workerName ?? `${hostname()}-${process.pid}`, "workerName"),
    ...resolveHooks(options),
    schedules: options.schedules,
    scheduleSource: checkText(options.scheduleSource ?? "code", "scheduleSource"),
    logger: checkLogger(options.logger) ?? createLogger({ name: "umbel" }),
  };
}

type Sizes = Pick<
  ResolvedWorker,
  "concurrency" | "threads" | "maxRunsPerThread" | "threadLimits" | "crashLoopLimit" | "replicas"
>;

function resolveSizes(options: WorkerOptions): Sizes {
  return {
    concurrency: checkConcurrency(options.concurrency ?? 50),
    threads: checkThreads(options.threads ?? availableParallelism()),
    maxRunsPerThread: checkMaxRuns(options.maxRunsPerThread),
    threadLimits: checkThreadMemory(options.threadMemory),
    crashLoopLimit: checkWholeNumber(options.crashLoopLimit ?? 5, "crashLoopLimit", {
      least: 1,
      most: 1_000,
    }),
    replicas: options.replicas === undefined ? undefined : checkReplicas(options.replicas),
  };
}

/** @throws UmbelError `invalid_argument` */
export function checkConcurrency(value: unknown): number {
  return checkWholeNumber(value, "concurrency", { least: 1, most: 10_000 });
}

/** @throws UmbelError `invalid_argument` */
export function checkThreads(value: unknown): number {
  return checkWholeNumber(value, "threads", { least: 1, most: 1_024 });
}

function checkMaxRuns(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  return checkWholeNumber(value, "maxRunsPerThread", { least: 1, most: 1_000_000_000 });
}

type Times = Pick<ResolvedWorker, "ackWaitMs" | "drainTimeoutMs" | "abortGraceMs" | "unknownTaskGraceMs">;

function resolveTimes(options: WorkerOptions): Times {
  const ackWaitMs = parsePositiveDuration(options.ackWait ?? DEFAULT_ACK_WAIT_MS, "ackWait");
  if (ackWaitMs < 1_000) {
    throw invalidArgument({ field: "ackWait", received: options.ackWait, expected: 'at least "1s"' });
  }
  return {
    ackWaitMs,
    drainTimeoutMs: parsePositiveDuration(options.drainTimeout ?? "25s", "drainTimeout"),
    abortGraceMs: parsePositiveDuration(options.abortGrace ?? "2s", "abortGrace"),
    unknownTaskGraceMs: parsePositiveDuration(options.unknownTaskGrace ?? "10m", "unknownTaskGrace"),
  };
}

function connectionOptions(options: WorkerOptions): ConnectionOptions {
  const entries = CONNECTION_FIELDS.filter((field) => options[field] !== undefined).map((field) => [
    field,
    options[field],
  ]);
  return Object.fromEntries(entries);
}

function checkModules(modules: unknown): readonly string[] {
  const isModule = (value: unknown): value is URL | string =>
    typeof value === "string" || value instanceof URL;
  if (Array.isArray(modules) && modules.every(isModule)) return modules.map(moduleUrl);
  throw invalidArgument({ field: "modules", received: modules, expected: "a list of URLs or paths" });
}

function checkHandlers(handlers: unknown): readonly Handler[] {
  if (Array.isArray(handlers) && handlers.every(isHandler)) return handlers;
  throw invalidArgument({
    field: "handlers",
    received: handlers,
    expected: "a list of what handle(task, function) returns",
  });
}

function checkReplicas(value: unknown): number {
  if (value === 1 || value === 3 || value === 5) return value;
  throw invalidArgument({ field: "replicas", received: value, expected: "1, 3 or 5" });
}

function checkQueues(queues: readonly string[] | undefined): readonly string[] | undefined {
  if (queues === undefined) return undefined;
  if (!Array.isArray(queues) || queues.length === 0) {
    throw invalidArgument({ field: "queues", received: queues, expected: "at least one queue name" });
  }
  return [...new Set(queues.map((queue, index) => checkQueueName(queue, `queues[${index}]`)))];
}

function checkHealth(health: WorkerOptions["health"]): ResolvedWorker["health"] {
  if (health === undefined) return undefined;
  checkFields(health, "health", ["port", "host"]);
  const port = checkWholeNumber(health.port, "health.port", { least: 0, most: 65_535 });
  return { port, host: checkText(health.host ?? "127.0.0.1", "health.host") };
}

function checkSignals(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw invalidArgument({ field: "signals", received: value, expected: "true or false" });
}

function checkText(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "" && value.length <= LONGEST_TEXT) return value;
  throw invalidArgument({ field, received: value, expected: `text of 1 to ${LONGEST_TEXT} characters` });
}

const LONGEST_TEXT = 200;
const LOGGER_METHODS = ["debug", "info", "warn", "error", "child"] as const;

// Its first line may come long after the start, when nobody looks.
function checkLogger(logger: Logger | undefined): Logger | undefined {
  if (logger === undefined) return undefined;
  const missing = LOGGER_METHODS.find((method) => typeof logger?.[method] !== "function");
  if (missing === undefined) return logger;
  throw invalidArgument({
    field: "logger",
    received: logger,
    expected: `a logger with the methods ${LOGGER_METHODS.join(", ")}, such as one of pino`,
  });
}
