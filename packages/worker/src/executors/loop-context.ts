import { trace, type Span } from "@opentelemetry/api";
import type { EnqueueOptions, Mesh } from "@umbel/client";
import {
  bindIdentity,
  encode,
  requestDiscard,
  requestRetry,
  validate,
  withKey,
  type Task,
  type UserHeaders,
} from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import { enqueueChild, enqueuedChild } from "../execute/enqueue-child.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import type { EnqueuedChild, TaskContext } from "../task-context.ts";
import { userHeaders } from "./context-fields.ts";

/** What every context of a worker shares. */
export interface LoopContextDeps {
  readonly mesh: Mesh;
  readonly logger: Logger;
}

/** A handler's context on the loop. What most handlers never look at is made when it is looked at. */
export class LoopContext implements TaskContext {
  readonly #request: AttemptRequest;
  readonly #deps: LoopContextDeps;
  #children = 0;
  #log: Logger | undefined;
  #headers: UserHeaders | undefined;

  constructor(request: AttemptRequest, deps: LoopContextDeps) {
    this.#request = request;
    this.#deps = deps;
  }

  get runId(): string {
    return this.#request.run.runId;
  }

  get task(): string {
    return this.#request.run.meta.task;
  }

  get queue(): string {
    return this.#request.run.queue;
  }

  get attempt(): number {
    return this.#request.ownership.attempt;
  }

  get delivery(): number {
    return this.#request.run.delivery.count;
  }

  get start(): number {
    return this.#request.ownership.starts;
  }

  get fence(): number {
    return this.#request.ownership.expected;
  }

  get deadline(): number | undefined {
    return this.#request.deadline;
  }

  get headers(): UserHeaders {
    return (this.#headers ??= userHeaders(this.#request.run.delivery.headers()));
  }

  get tags(): readonly string[] {
    return this.#request.run.meta.tags ?? [];
  }

  get signal(): AbortSignal {
    return this.#request.control.signal;
  }

  get log(): Logger {
    const { runId, task, queue, attempt } = this;
    return (this.#log ??= this.#deps.logger.child({ runId, task, queue, attempt }));
  }

  get span(): Span | undefined {
    return trace.getSpan(this.#request.scope.context);
  }

  // Bound, so that `const { enqueue, retry } = context` works; made only when they are looked at.
  get enqueue(): TaskContext["enqueue"] {
    return (task, input, options) => this.#enqueue(task, input, options);
  }

  get retry(): TaskContext["retry"] {
    return requestRetry;
  }

  get discard(): TaskContext["discard"] {
    return requestDiscard;
  }

  async #enqueue(
    task: Task<unknown, unknown, unknown, unknown>,
    input: unknown,
    options: Omit<EnqueueOptions, "runId"> | undefined,
  ): Promise<EnqueuedChild> {
    const index = this.#children++;
    if (task.inputSchema !== undefined) await validate(task.inputSchema, input, `input of ${task.name}`);
    const body = encode(input, `input of ${task.name}`);
    const { mesh } = this.#deps;
    const parent = this.#request.scope.callContext();
    const child = { task, body, options: withKey(task, input, bindIdentity(task, input, options)), index };
    return enqueuedChild(await enqueueChild(this.#request.run, child, { mesh, parent }));
  }
}
