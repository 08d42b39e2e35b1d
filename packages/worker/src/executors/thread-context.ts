import type { MessagePort } from "node:worker_threads";
import { trace, type Span } from "@opentelemetry/api";
import type { EnqueueOptions } from "@umbel/client";
import {
  bindIdentity,
  encode,
  errorCodeOf,
  requestDiscard,
  requestRetry,
  serializeError,
  UmbelError,
  validate,
  withKey,
  type RetryRequestOptions,
  type SerializedError,
  type Task,
} from "@umbel/protocol";
import type { Logger, LogFields } from "@umbel/runtime";
import { AbortControl } from "../execute/abort-control.ts";
import { enqueuedChild, type ChildReply } from "../execute/enqueue-child.ts";
import type { EnqueuedChild, TaskContext } from "../task-context.ts";
import type { ContextFields } from "./context-fields.ts";
import type { FromThread, LogLevelName, ToThread } from "./thread-messages.ts";

/** A handler's context on a thread: everything but its own code happens in the main thread. */
export class ThreadContext implements TaskContext {
  readonly #fields: ContextFields;
  readonly #port: MessagePort;
  readonly #control = new AbortControl();
  readonly #replies = new Map<number, PromiseWithResolvers<ChildReply>>();
  #children = 0;
  readonly log: Logger;

  constructor(fields: ContextFields, port: MessagePort) {
    this.#fields = fields;
    this.#port = port;
    this.log = portLogger(port, {});
    port.on("message", (message: ToThread) => this.#onMessage(message));
  }

  get control(): AbortControl {
    return this.#control;
  }

  get runId(): string {
    return this.#fields.runId;
  }

  get task(): string {
    return this.#fields.task;
  }

  get queue(): string {
    return this.#fields.queue;
  }

  get attempt(): number {
    return this.#fields.attempt;
  }

  get delivery(): number {
    return this.#fields.delivery;
  }

  get start(): number {
    return this.#fields.start;
  }

  get fence(): number {
    return this.#fields.fence;
  }

  get deadline(): number | undefined {
    return this.#fields.deadline;
  }

  get headers(): ContextFields["headers"] {
    return this.#fields.headers;
  }

  get tags(): readonly string[] {
    return this.#fields.tags;
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  get span(): Span | undefined {
    return trace.getActiveSpan();
  }

  readonly enqueue = async <Input, Output>(
    task: Task<Input, Output, unknown, unknown>,
    input: NoInfer<Input>,
    options?: Omit<EnqueueOptions, "runId">,
  ): Promise<EnqueuedChild> => {
    const index = this.#children++;
    if (task.inputSchema !== undefined) await validate(task.inputSchema, input, `input of ${task.name}`);
    // Of bytes that share their memory with others, all of that would be copied.
    const body = encode(input, `input of ${task.name}`).slice();
    const { name, queue, priority, expiresMs, deadlineMs, onFailure, onRetry } = task;
    const reply = Promise.withResolvers<ChildReply>();
    this.#replies.set(index, reply);
    const child = { name, queue, priority, expiresMs, deadlineMs, onFailure, onRetry };
    // The task's functions cannot leave the thread: what they make can.
    const bound = withKey(task, input, bindIdentity(task, input, options));
    const request = { task: child, body, options: bound, index };
    this.#port.postMessage({ type: "enqueue", request } satisfies FromThread);
    return enqueuedChild(await reply.promise);
  };

  readonly retry = (options?: RetryRequestOptions): never => requestRetry(options);

  readonly discard = (reason: string): never => requestDiscard(reason);

  #onMessage(message: ToThread): void {
    switch (message.type) {
      case "abort":
        return this.#control.abort(message.cause, message.timeoutMs);
      case "enqueued":
        return this.#replies.get(message.index)?.resolve(message.reply);
      case "refused":
        return this.#replies.get(message.index)?.reject(revive(message.error));
      default:
        return message satisfies never;
    }
  }
}

function revive(error: SerializedError): UmbelError {
  return new UmbelError(errorCodeOf(error) ?? "internal", error.message, { cause: error });
}

function portLogger(port: MessagePort, bindings: LogFields): Logger {
  const write =
    (level: LogLevelName) =>
    (fields: LogFields, message: string): void => {
      port.postMessage({
        type: "log",
        level,
        fields: plainFields({ ...bindings, ...fields }),
        message,
      } satisfies FromThread);
    };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (more) => portLogger(port, { ...bindings, ...more }),
  };
}

// Not everything that a log line may hold can be posted to another thread.
function plainFields(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (value instanceof Error) return serializeError(value);
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}
