import type { BrokerConnection } from "@umbel/broker";
import {
  checkFields,
  checkFlag,
  checkQueueName,
  parsePositiveDuration,
  type AuditAction,
  type ControlAnswers,
  type ControlVerb,
  type Duration,
  type Rate,
  type ReplyError,
  type RequestArgs,
} from "@umbel/protocol";
import type { AuditedResult, AuditLog } from "../audit/audit-log.ts";
import type { CancelManyOptions, CancelSummary } from "../runs/cancel-many.ts";
import { askWorkers, type AskedWorker, type WorkerTarget } from "./ask-workers.ts";
import { checkBy, checkRateLimit, checkSizes, checkTimeLimit } from "./control-args.ts";
import { checkRunIds } from "./inspect.ts";
import { isPresent } from "./worker-status.ts";

/** Whom to tell, how long to wait, and for whom. */
export interface ControlOptions {
  /** Whoever means every worker says `"all"`. */
  readonly workers: WorkerTarget;
  /** How long to wait for the answers. @default "2s" */
  readonly timeout?: Duration;
  /** Who asks: kept in the audit. At most 200 characters. */
  readonly by?: string;
}

/** What {@link Control.shutdown} takes. */
export interface ShutdownOptions extends ControlOptions {
  /** Do not wait for what executes: abort it and hand it back. @default false */
  readonly now?: boolean;
}

/** What {@link Control.terminate} takes. */
export type TerminateOptions = Omit<ControlOptions, "workers"> & Pick<CancelManyOptions, "reason">;

/** What one worker answered. */
export type ControlReply<Value> = { readonly worker: string; readonly name: string } & (
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ReplyError }
);

/** A worker that did not answer: nobody knows whether it has done it, or will. */
export interface MissingWorker {
  readonly worker: string;
  readonly name: string;
  /** `busy`: it is there and did not answer in time; it may do it yet. `lost`: it has ended. */
  readonly why: "busy" | "lost";
  /** How long ago it told of itself. */
  readonly ageMs: number;
}

/** What came of telling some workers. */
export interface ControlResult<Value> {
  readonly replies: readonly ControlReply<Value>[];
  readonly missing: readonly MissingWorker[];
}

/** What {@link Control} needs. */
export interface ControlDeps {
  readonly connection: BrokerConnection;
  readonly audit: AuditLog;
  readonly cancel: (runIds: readonly string[], options: CancelManyOptions) => Promise<CancelSummary>;
}

type Told<Verb extends ControlVerb> = Promise<ControlResult<ControlAnswers[Verb]>>;

/**
 * Tells workers what to do. What is set this way lasts for as long as the worker: a new one begins with its own
 * options. All of it is on the record: see `mesh.audit`. Made by the mesh: `mesh.control`.
 *
 * Every method throws UmbelError `invalid_argument`, `worker_unknown`, and then nobody was told anything;
 * `permission_denied`, `broker_unavailable`. A worker that refuses or does not answer is in the result.
 */
export class Control {
  readonly #deps: ControlDeps;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
  }

  /** Pull from one more queue. */
  addQueue(queue: string, options: ControlOptions): Told<"add-queue"> {
    return this.#tell("add-queue", () => ({ queue: checkQueueName(queue) }), options);
  }

  /** Pull from a queue no more: what executes ends, what has not begun goes back. Other workers go on with it. */
  removeQueue(queue: string, options: ControlOptions): Told<"remove-queue"> {
    return this.#tell("remove-queue", () => ({ queue: checkQueueName(queue) }), options);
  }

  /** Execute more or fewer runs at a time, on the loop or on threads. */
  resize(
    sizes: { readonly concurrency?: number; readonly threads?: number },
    options: ControlOptions,
  ): Told<"resize"> {
    return this.#tell("resize", () => checkSizes(sizes), options);
  }

  /** Begin runs of a task so often at most, evenly spaced, each worker for itself; `"none"`: as often as it likes. */
  rateLimit(task: string, rate: Rate | "none", options: ControlOptions): Told<"rate-limit"> {
    return this.#tell("rate-limit", () => checkRateLimit(task, rate), options);
  }

  /**
   * End attempts of a task after so long, whatever its definition or the enqueue says; `"none"`: as they say. It
   * counts for attempts that begin from then on.
   */
  timeLimit(task: string, timeout: Duration | "none", options: ControlOptions): Told<"time-limit"> {
    return this.#tell("time-limit", () => checkTimeLimit(task, timeout), options);
  }

  /** Take no more runs, finish what executes, and stay: until `undrain` or `shutdown`. */
  drain(options: ControlOptions): Told<"drain"> {
    return this.#tell("drain", () => ({}), options);
  }

  /** Take runs again. */
  undrain(options: ControlOptions): Told<"undrain"> {
    return this.#tell("undrain", () => ({}), options);
  }

  /** End: as after SIGTERM, or with `now` as after a second one. Whatever restarts the process brings it back. */
  shutdown(options: ShutdownOptions): Told<"shutdown"> {
    const { now = false, ...rest } = options;
    const { by } = rest;
    const args = (): RequestArgs => ({
      now: checkFlag(now, "shutdown.now"),
      ...(by === undefined ? {} : { by }),
    });
    return this.#tell("shutdown", args, rest);
  }

  /** Log this level and what is more urgent: `debug`, `info`, `warn`, `error` or `silent`. */
  logLevel(level: string, options: ControlOptions): Told<"log-level"> {
    return this.#tell("log-level", () => ({ level }), options);
  }

  /**
   * Cancel runs, and end those that execute at once: a thread is killed, and nobody waits for a handler on the loop.
   *
   * @throws as `mesh.cancel` does, too
   */
  async terminate(
    runIds: readonly string[],
    options: TerminateOptions = {},
  ): Promise<{
    readonly cancelled: CancelSummary;
    readonly ended: ControlResult<ControlAnswers["terminate"]>;
  }> {
    checkFields(options, "terminate", ["timeout", "by", "reason"]);
    const { timeout, by, reason } = options;
    const ids = checkRunIds(runIds);
    const why = { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
    const what = { action: "run.terminate", target: { runIds: ids, ...why }, by } as const;
    return this.#deps.audit.record(what, async () => {
      const cancelled = await this.#deps.cancel(ids, why);
      const asked = await this.#ask("terminate", { runIds: ids }, { target: "all", timeout });
      const ended = resultOf("terminate", asked);
      return { value: { cancelled, ended }, result: { cancelled: cancelled.cancelled, ...summary(ended) } };
    });
  }

  async #tell<Verb extends ControlVerb>(
    verb: Verb,
    check: () => RequestArgs,
    options: ControlOptions,
  ): Told<Verb> {
    checkFields(options, verb, ["workers", "timeout", "by"]);
    const { workers: target, timeout } = options;
    const by = options.by === undefined ? undefined : checkBy(options.by);
    const args = check();
    if (timeout !== undefined) parsePositiveDuration(timeout, "timeout");
    const what = { action: actionOf(verb), target: { workers: target, ...args }, by };
    return this.#deps.audit.record(what, async () => {
      const told = resultOf(verb, await this.#ask(verb, args, { target, timeout }));
      return audited(told);
    });
  }

  #ask(
    verb: ControlVerb,
    args: RequestArgs,
    where: { readonly target: WorkerTarget; readonly timeout: Duration | undefined },
  ): Promise<readonly AskedWorker[]> {
    return askWorkers(this.#deps.connection, { verb, args }, { kind: "control", ...where });
  }
}

const ACTIONS: Readonly<Record<ControlVerb, AuditAction>> = {
  "add-queue": "worker.add-queue",
  "remove-queue": "worker.remove-queue",
  resize: "worker.resize",
  "rate-limit": "worker.rate-limit",
  "time-limit": "worker.time-limit",
  drain: "worker.drain",
  undrain: "worker.undrain",
  shutdown: "worker.shutdown",
  "log-level": "worker.log-level",
  terminate: "run.terminate",
};

function actionOf(verb: ControlVerb): AuditAction {
  return ACTIONS[verb];
}

function resultOf<Verb extends ControlVerb>(
  verb: Verb,
  asked: readonly AskedWorker[],
): ControlResult<ControlAnswers[Verb]> {
  const replies: ControlReply<ControlAnswers[Verb]>[] = [];
  const missing: MissingWorker[] = [];
  for (const { worker, answer } of asked) {
    const who = { worker: worker.id, name: worker.name };
    if (answer.kind === "value") replies.push({ ...who, ok: true, value: trust(verb, answer.value) });
    else if (answer.kind === "refused") replies.push({ ...who, ok: false, error: answer.error });
    else {
      const why = answer.kind === "silent" && isPresent(worker.state) ? "busy" : "lost";
      missing.push({ ...who, why, ageMs: worker.ageMs });
    }
  }
  return { replies, missing };
}

function audited<Value>(told: ControlResult<Value>): AuditedResult<ControlResult<Value>> {
  const refused = told.replies.find((reply) => !reply.ok);
  const busy = told.missing.filter(({ why }) => why === "busy");
  const silent = busy.length === 0 ? undefined : `no answer of ${busy.map(({ name }) => name).join(", ")}`;
  const failed = refused?.ok === false ? refused.error.message : silent;
  return { value: told, result: summary(told), failed };
}

function summary<Value>({ replies, missing }: ControlResult<Value>): Readonly<Record<string, unknown>> {
  return {
    done: replies.filter(({ ok }) => ok).map(({ worker }) => worker),
    refused: replies.filter(({ ok }) => !ok).map(({ worker }) => worker),
    missing: missing.map(({ worker, why }) => ({ worker, why })),
  };
}

// A worker of the same mesh says so, by rights that only workers have.
function trust<Verb extends ControlVerb>(verb: Verb, value: unknown): ControlAnswers[Verb];
function trust(_verb: unknown, value: unknown): unknown {
  return value;
}
