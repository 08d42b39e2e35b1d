import {
  CATCH_UP_POLICIES,
  checkFields,
  checkTaskName,
  checkWholeNumber,
  invalidArgument,
  keyOfInput,
  MAX_SCHEDULE_ID,
  MAX_TAGS,
  OVERLAP_POLICIES,
  parsePositiveDuration,
  UmbelError,
  type AnyTask,
  type RunTemplate,
  type ScheduleDefinition,
} from "@umbel/protocol";
import { encodeInput } from "../encode-input.ts";
import { resolveEnqueueOptions, type EnqueueOptions, type ResolvedEnqueue } from "../enqueue-options.ts";
import { defaultsByName, type TaskDefaults } from "../plan-run.ts";
import { firedRun } from "./fired-run.ts";
import { oneOf, resolveTiming } from "./resolve-timing.ts";
import { SCHEDULE_FIELDS, type AnyScheduleOptions } from "./schedule-options.ts";

const MAX_RUN_COUNT = 1_000_000_000;
const MOST_CAUGHT_UP = 1_000;
const LONGEST_TEXT = 1_000;
/** The record of a schedule is read and written each time that it fires. */
const MAX_INPUT_BYTES = 262_144;

/**
 * The definition that `options` describe.
 *
 * @throws UmbelError `invalid_argument` naming the wrong option, `schema_violation`, `not_encodable`,
 * `payload_too_large`.
 */
export async function resolveSchedule(
  options: AnyScheduleOptions,
  maxPayloadBytes: number,
): Promise<ScheduleDefinition> {
  checkFields(options, "schedule", SCHEDULE_FIELDS);
  const span = resolveTiming(options);
  const policies = resolvePolicies(options);
  const run = await resolveRun(options, maxPayloadBytes);
  if (policies.overlap === "queue") checkQueued(run);
  const definition = { ...span, run, ...policies };
  checkRuns(definition);
  return definition;
}

// With what a schedule adds to its runs they must still be acceptable: once it has fired, it would be too late.
function checkRuns(definition: ScheduleDefinition): void {
  const firing = { runId: LONGEST_ID, kind: "on-time", fireAt: 0, at: 0 } as const;
  resolveEnqueueOptions(firedRun(LONGEST_ID, definition, { firing, now: 0 }).options, 0);
}

const LONGEST_ID = "x".repeat(MAX_SCHEDULE_ID);

type Policies = Omit<ScheduleDefinition, "rule" | "start" | "end" | "run">;

function resolvePolicies(options: AnyScheduleOptions): Policies {
  const { catchUp = "latest", catchUpLimit = 100, overlap = "allow" } = options;
  const { expires, jitter, maxRuns, description } = options;
  return {
    catchUp: oneOf(catchUp, "catchUp", CATCH_UP_POLICIES),
    catchUpLimit: checkWholeNumber(catchUpLimit, "catchUpLimit", { least: 1, most: MOST_CAUGHT_UP }),
    overlap: oneOf(overlap, "overlap", OVERLAP_POLICIES),
    ...given("expiresMs", expires, (value) => parsePositiveDuration(value, "expires")),
    ...given("jitterMs", jitter, (value) => parsePositiveDuration(value, "jitter")),
    ...given("maxRuns", maxRuns, (value) =>
      checkWholeNumber(value, "maxRuns", { least: 1, most: MAX_RUN_COUNT }),
    ),
    ...given("description", description, (value) => checkText(value, "description")),
  };
}

async function resolveRun(options: AnyScheduleOptions, maxPayloadBytes: number): Promise<RunTemplate> {
  const task = checkTask(options.task);
  const { input = null } = options;
  const bytes = await encodeInput(task, input, maxPayloadBytes);
  if (bytes.byteLength > MAX_INPUT_BYTES) throw tooLarge(task.name, bytes.byteLength);
  const call = resolveEnqueueOptions(callOptions(options), 0);
  return {
    task: task.name,
    queue: call.queue ?? task.queue,
    ...orderOf(task, call, input),
    input: bytes,
    ...given("taskExpiresMs", task.expiresMs),
    ...given("taskDeadlineMs", task.deadlineMs),
    ...given("onFailure", task.onFailure ?? undefined),
    ...given("timeoutMs", call.timeoutMs),
    ...given("deadlineMs", options.deadline, (value) => parsePositiveDuration(value, "deadline")),
    ...given("resultTtlMs", call.resultTtlMs),
    ...given("ignoreResult", call.ignoreResult),
    ...given("retry", unlessEmpty(call.retry)),
    ...given("headers", unlessEmpty(call.headers)),
    ...given("tags", call.tags, checkTagCount),
  };
}

// Which of its runs goes before which.
function orderOf(
  task: KnownTask,
  call: ResolvedEnqueue,
  input: unknown,
): Pick<RunTemplate, "priority" | "key" | "onRetry"> {
  const key = call.key ?? (task.key === undefined ? undefined : keyOfInput(task, input));
  const priority = call.priority ?? task.priority;
  if (key !== undefined && priority !== "normal") throw keyAndPriority("key", key);
  return { priority, ...given("key", key), ...given("onRetry", call.onRetry ?? task.onRetry) };
}

function unlessEmpty<T extends object>(fields: T): T | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields;
}

type KnownTask = TaskDefaults & Pick<AnyTask, "name" | "inputSchema" | "key">;

function checkTask(task: unknown): KnownTask {
  if (typeof task === "string")
    return { ...defaultsByName(checkTaskName(task, "task")), inputSchema: undefined };
  if (isTask(task)) return task;
  throw invalidArgument({
    field: "task",
    received: task,
    expected: "a task made by defineTask, or its name",
  });
}

function isTask(task: unknown): task is KnownTask {
  return (
    typeof task === "object" && task !== null && "retry" in task && "name" in task && "inputSchema" in task
  );
}

function callOptions(options: AnyScheduleOptions): EnqueueOptions {
  const { queue, priority, key, onRetry, retry, timeout, resultTtl, ignoreResult, headers, tags } = options;
  return {
    ...given("queue", queue),
    ...given("priority", priority),
    ...given("key", key),
    ...given("onRetry", onRetry),
    ...given("retry", retry),
    ...given("timeout", timeout),
    ...given("resultTtl", resultTtl),
    ...given("ignoreResult", ignoreResult),
    ...given("headers", headers),
    ...given("tags", tags),
  };
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value };
function given<Name extends string, Value, Checked>(
  name: Name,
  value: Value | undefined,
  check: (value: Value) => Checked,
): { readonly [key in Name]?: Checked };
function given(name: string, value: unknown, check = (same: unknown): unknown => same): object {
  return value === undefined ? {} : { [name]: check(value) };
}

// Runs wait for each other as those of one key do.
function checkQueued({ priority }: RunTemplate): void {
  if (priority !== "normal") throw keyAndPriority("overlap", "queue");
}

function keyAndPriority(field: string, received: string): UmbelError {
  return invalidArgument({
    field,
    received,
    expected: `no ${field === "key" ? "key" : 'overlap "queue"'} beside a priority`,
    fix: "Runs that wait for each other start in their order, which a priority would break.",
  });
}

function checkTagCount(tags: readonly string[]): readonly string[] {
  if (tags.length < MAX_TAGS) return tags;
  throw invalidArgument({
    field: "tags",
    received: `${tags.length} tags`,
    expected: `at most ${MAX_TAGS - 1} tags`,
  });
}

/** @throws UmbelError `invalid_argument` */
export function checkText(value: unknown, field: string): string {
  if (typeof value === "string" && value.length <= LONGEST_TEXT) return value;
  throw invalidArgument({ field, received: value, expected: `text of at most ${LONGEST_TEXT} characters` });
}

function tooLarge(task: string, bytes: number): UmbelError {
  return new UmbelError(
    "payload_too_large",
    `input of ${task} is ${bytes} bytes; a schedule keeps at most ${MAX_INPUT_BYTES}. Store it elsewhere, and schedule where it is.`,
    { details: { field: "input", bytes, limit: MAX_INPUT_BYTES } },
  );
}
