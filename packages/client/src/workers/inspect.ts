import type { BrokerConnection } from "@umbel/broker";
import {
  checkFields,
  checkRunId,
  invalidArgument,
  MAX_ASKED_RUNS,
  type Duration,
  type InspectAnswers,
  type InspectVerb,
  type ReplyError,
  type RequestArgs,
} from "@umbel/protocol";
import { askWorkers, type AskedWorker, type WorkerTarget } from "./ask-workers.ts";
import { fromRegistry } from "./from-registry.ts";
import { isPresent } from "./worker-status.ts";

/** Whom to ask, and how long to wait. */
export interface InspectOptions {
  /** @default "all" */
  readonly workers?: WorkerTarget;
  /** Then whoever has not answered is told from the registry. @default "2s" */
  readonly timeout?: Duration;
}

/** What one worker answered, or what is known instead. */
export type Inspected<Value> = {
  /** The id of the worker. */
  readonly worker: string;
  readonly name: string;
} & (
  | { readonly source: "live"; readonly value: Value; readonly tookMs: number }
  /** It did not answer: this is what it told of itself `ageMs` before. */
  | {
      readonly source: "registry";
      readonly value: Value;
      readonly ageMs: number;
      readonly why: "busy" | "lost";
    }
  /** It did not answer, and the registry does not know this. */
  | { readonly source: "none"; readonly ageMs: number; readonly why: "busy" | "lost" }
  /** It answered that it would not. */
  | { readonly source: "refused"; readonly error: ReplyError }
);

/** What is asked, by its verb. */
export type InspectResult<Verb extends InspectVerb> = Promise<readonly Inspected<InspectAnswers[Verb]>[]>;

/**
 * Asks workers what they are doing. Each answers for itself; for one that is too busy, or gone, the registry does
 * where it can, and the answer says so and how old it is. Made by the mesh: `mesh.inspect`.
 *
 * Every method throws UmbelError `invalid_argument`, `worker_unknown`; `permission_denied`, `broker_unavailable`.
 */
export class Inspect {
  readonly #connection: BrokerConnection;

  constructor(connection: BrokerConnection) {
    this.#connection = connection;
  }

  /** Who is there, and answers. */
  ping(options?: InspectOptions): InspectResult<"ping"> {
    return this.#ask("ping", {}, options);
  }

  /** Slots, counters, memory, event loop: everything in numbers. */
  stats(options?: InspectOptions): InspectResult<"stats"> {
    return this.#ask("stats", {}, options);
  }

  /** The runs that are executed, or whose outcomes are being stored. */
  active(options?: InspectOptions): InspectResult<"active"> {
    return this.#ask("active", {}, options);
  }

  /** The runs that wait on the worker for a slot. */
  reserved(options?: InspectOptions): InspectResult<"reserved"> {
    return this.#ask("reserved", {}, options);
  }

  /** The runs that wait on the worker for their time: for moments only, all others wait in the broker. */
  scheduled(options?: InspectOptions): InspectResult<"scheduled"> {
    return this.#ask("scheduled", {}, options);
  }

  /** The tasks that there are handlers for. */
  registered(options?: InspectOptions): InspectResult<"registered"> {
    return this.#ask("registered", {}, options);
  }

  /** The queues that are pulled from. */
  queues(options?: InspectOptions): InspectResult<"queues"> {
    return this.#ask("queues", {}, options);
  }

  /** Which worker has these runs, and what it does with them. */
  async query(runIds: readonly string[], options?: InspectOptions): InspectResult<"query"> {
    return this.#ask("query", { runIds: checkRunIds(runIds) }, options);
  }

  /** How a worker was configured, without passwords and tokens. */
  conf(options?: InspectOptions): InspectResult<"conf"> {
    return this.#ask("conf", {}, options);
  }

  /** What a worker runs on, for a bug report. */
  report(options?: InspectOptions): InspectResult<"report"> {
    return this.#ask("report", {}, options);
  }

  async #ask<Verb extends InspectVerb>(
    verb: Verb,
    args: RequestArgs,
    options: InspectOptions = {},
  ): InspectResult<Verb> {
    checkFields(options, `inspect.${verb}`, ["workers", "timeout"]);
    const { workers: target = "all", timeout } = options;
    const asked = await askWorkers(this.#connection, { verb, args }, { kind: "inspect", target, timeout });
    return asked.map((each) => inspected(verb, args, each));
  }
}

function inspected<Verb extends InspectVerb>(
  verb: Verb,
  args: RequestArgs,
  { worker, answer }: AskedWorker,
): Inspected<InspectAnswers[Verb]> {
  const { id, name, ageMs, state } = worker;
  const who = { worker: id, name };
  if (answer.kind === "value") {
    return { ...who, source: "live", value: trust(verb, answer.value), tookMs: Math.round(answer.tookMs) };
  }
  if (answer.kind === "refused") return { ...who, source: "refused", error: answer.error };
  const why = answer.kind === "silent" && isPresent(state) ? "busy" : "lost";
  const known = fromRegistry(verb, worker, args);
  if (known === undefined) return { ...who, source: "none", ageMs, why };
  return { ...who, source: "registry", value: trust(verb, known), ageMs, why };
}

// A worker of the same mesh says so, by rights that only workers have.
function trust<Verb extends InspectVerb>(verb: Verb, value: unknown): InspectAnswers[Verb];
function trust(_verb: unknown, value: unknown): unknown {
  return value;
}

/** @throws UmbelError `invalid_argument` */
export function checkRunIds(runIds: readonly string[]): readonly string[] {
  if (Array.isArray(runIds) && runIds.length > 0 && runIds.length <= MAX_ASKED_RUNS) {
    return [...new Set(runIds.map((runId, index) => checkRunId(runId, `runIds[${index}]`)))];
  }
  throw invalidArgument({
    field: "runIds",
    received: runIds,
    expected: `a list of 1 to ${MAX_ASKED_RUNS} run ids`,
  });
}
