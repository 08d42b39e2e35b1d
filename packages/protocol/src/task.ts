import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkFields, checkFlag } from "./check-options.ts";
import { parsePositiveDuration, type Duration } from "./duration.ts";
import type { FailureNotice } from "./failure-notice.ts";
import { checkFailureTask } from "./failure-task.ts";
import {
  IDENTITY_FIELDS,
  resolveIdentity,
  type Identity,
  type IdentityOptions,
  type TaskKey,
} from "./identity.ts";
import { checkOnRetry, type OnRetry } from "./lanes.ts";
import { checkQueueName, checkTaskName } from "./names.ts";
import { checkPriority, type Priority } from "./priority.ts";
import { checkResultTtl } from "./result-ttl.ts";
import { resolveRetryPolicy, type RetryOptions, type RetryPolicy } from "./retry-policy.ts";
import type { FailureTask } from "./run-header.ts";
import { invalidArgument } from "./umbel-error.ts";

/** Where a handler executes: on the worker's event `loop` (async I/O) or on a `thread` of its own (CPU). */
export type RunsOn = "loop" | "thread";

/** The queue of tasks that name none. */
export const DEFAULT_QUEUE = "default";

/** What every task may say about its runs. */
export interface TaskOptions<Input = unknown> extends IdentityOptions<TaskKey<Input>> {
  /** Unique in the mesh; dots group names: `"media.thumbnail"`. */
  readonly name: string;
  /** Where runs wait. @default "default" */
  readonly queue?: string;
  /** @default "normal" */
  readonly priority?: Priority;
  /** @default { maxAttempts: 3, backoff: exponential({ base: "1s", max: "10m" }) } */
  readonly retry?: RetryOptions;
  /** One attempt may take this long: then its signal aborts, and a thread is killed. @default none */
  readonly timeout?: Duration;
  /** A run that has not started this long after it was enqueued never starts: its outcome is `expired`. @default never */
  readonly expires?: Duration;
  /**
   * A run must be over this long after it was enqueued or became due: no attempt starts later, and one that
   * executes then is aborted. @default never
   */
  readonly deadline?: Duration;
  /** How long the outcome is kept: "1s" to "30d". @default "1d" */
  readonly resultTtl?: Duration;
  /**
   * Nobody reads what the handler returns: it is neither checked nor stored, and the outcome of a success is kept
   * for five minutes only, unless `resultTtl` says otherwise. @default false
   */
  readonly ignoreResult?: boolean;
  /**
   * Enqueued once when a run has failed for good or has expired, also when its worker was killed; not when it was
   * cancelled. Such a run has no `onFailure` itself. @default none
   */
  readonly onFailure?: Task<FailureNotice, unknown, unknown, unknown>;
  /** @default "loop" */
  readonly runsOn?: RunsOn;
  /** What a run with a key does while it waits for its next attempt. @default "keep-order" */
  readonly onRetry?: OnRetry;
}

/** The option of a task whose runs have keys. */
export interface KeyOption<Input> {
  /**
   * The key of the run with this input: text of 1 to 200 characters. Runs of one key start one at a time, in the
   * order of their enqueues, in the whole mesh. Excludes `priority`.
   */
  key?(input: Input): string;
}

/**
 * A task: the typed contract between those who enqueue and those who handle. Made by {@link defineTask}.
 *
 * `Input` is what a caller passes, `Output` what it gets back; `Parsed` is what the handler receives and
 * `Returned` what it returns: they differ only when a schema transforms.
 */
export interface Task<Input, Output, Parsed = Input, Returned = Output> {
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | undefined;
  readonly expiresMs: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly resultTtlMs: number | undefined;
  readonly ignoreResult: boolean;
  readonly onFailure: FailureTask | undefined;
  readonly runsOn: RunsOn;
  readonly identity: Identity<Input> | undefined;
  readonly onRetry: OnRetry;
  /** Absent: its runs have no keys, unless a call gives one. */
  key?(input: Input): string;
  readonly inputSchema: StandardSchemaV1<Input, Parsed> | undefined;
  readonly outputSchema: StandardSchemaV1<Returned, Output> | undefined;
}

/** Any task: what registries hold. */
export type AnyTask = Task<unknown, unknown, unknown, unknown>;

/** {@link TaskOptions} of a task whose input is checked by a Standard Schema (zod, valibot, arktype …). */
export interface SchemaTaskOptions<Input extends StandardSchemaV1, Output extends StandardSchemaV1>
  extends TaskOptions<StandardSchemaV1.InferInput<Input>>, KeyOption<StandardSchemaV1.InferInput<Input>> {
  /** Checked where the run is enqueued and again where it is handled, which gets the schema's output. */
  readonly input: Input;
  /** Checks what the handler returns, before it is stored. */
  readonly output?: Output;
}

/**
 * Define a task: a value that producers and workers import, without the handler's dependencies.
 *
 * @throws UmbelError `invalid_argument` naming the wrong option.
 */
export function defineTask<
  Input extends StandardSchemaV1,
  Output extends StandardSchemaV1 = StandardSchemaV1<unknown, unknown>,
>(
  options: SchemaTaskOptions<Input, Output>,
): Task<
  StandardSchemaV1.InferInput<Input>,
  StandardSchemaV1.InferOutput<Output>,
  StandardSchemaV1.InferOutput<Input>,
  StandardSchemaV1.InferInput<Output>
>;
export function defineTask<Input, Output = unknown>(
  options: TaskOptions<Input> & KeyOption<Input>,
): Task<Input, Output>;
export function defineTask(
  options: TaskOptions<never> &
    KeyOption<never> & { readonly input?: StandardSchemaV1; readonly output?: StandardSchemaV1 },
): Task<unknown, unknown> {
  checkFields(options, "task", FIELDS);
  const name = checkTaskName(options.name, "task.name");
  const field = (option: string): string => `task ${name}: ${option}`;
  return Object.freeze({
    name,
    queue: checkQueueName(options.queue ?? DEFAULT_QUEUE, field("queue")),
    priority: checkPriority(options.priority ?? "normal", field("priority")),
    retry: resolveRetryPolicy(options.retry, field("retry")),
    timeoutMs: optionalDuration(options.timeout, field("timeout")),
    expiresMs: optionalDuration(options.expires, field("expires")),
    deadlineMs: optionalDuration(options.deadline, field("deadline")),
    resultTtlMs: checkResultTtl(options.resultTtl, field("resultTtl")),
    ignoreResult: checkFlag(options.ignoreResult ?? false, field("ignoreResult")),
    onFailure:
      options.onFailure === undefined ? undefined : checkFailureTask(options.onFailure, field("onFailure")),
    runsOn: checkRunsOn(options.runsOn ?? "loop", field("runsOn")),
    identity: resolveIdentity(options, field),
    onRetry: checkOnRetry(options.onRetry ?? "keep-order", field("onRetry")),
    ...checkKeyOption(options, field("key")),
    inputSchema: checkSchema(options.input, field("input")),
    outputSchema: checkSchema(options.output, field("output")),
  });
}

const FIELDS: readonly string[] = [
  "name",
  "queue",
  "priority",
  "retry",
  "timeout",
  "expires",
  "deadline",
  "resultTtl",
  "ignoreResult",
  "onFailure",
  "runsOn",
  ...IDENTITY_FIELDS,
  "onRetry",
  "key",
  "input",
  "output",
];

function optionalDuration(value: Duration | undefined, field: string): number | undefined {
  return value === undefined ? undefined : parsePositiveDuration(value, field);
}

function checkRunsOn(value: unknown, field: string): RunsOn {
  if (value === "loop" || value === "thread") return value;
  throw invalidArgument({ field, received: value, expected: '"loop" or "thread"' });
}

function checkKeyOption(
  { key, priority }: TaskOptions<never> & KeyOption<never>,
  field: string,
): KeyOption<never> {
  if (key === undefined) return {};
  if (typeof key !== "function") {
    throw invalidArgument({ field, received: key, expected: "a function from the input to a text" });
  }
  if (priority === undefined) return { key };
  throw invalidArgument({
    field,
    received: key,
    expected: "no key beside a priority",
    fix: "Runs of one key start in the order of their enqueues, which a priority would break.",
  });
}

function checkSchema(value: unknown, field: string): StandardSchemaV1 | undefined {
  if (value === undefined || isStandardSchema(value)) return value;
  throw invalidArgument({
    field,
    received: value,
    expected: "a Standard Schema (https://standardschema.dev), such as one of zod, valibot or arktype",
  });
}

function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return (
    typeof standard === "object" &&
    standard !== null &&
    typeof Reflect.get(standard, "validate") === "function"
  );
}
