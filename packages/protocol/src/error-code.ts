/**
 * Every way in which Umbel can fail, as a closed set: a program can switch over it.
 *
 * `retryable` says whether the same call may succeed later without anything being changed.
 */
export const ERROR_CODES: Readonly<Record<ErrorCode, { readonly retryable: boolean }>> = {
  // What the caller passed
  invalid_argument: { retryable: false },
  duplicate_task: { retryable: false },
  handler_missing: { retryable: false },
  schema_violation: { retryable: false },
  payload_too_large: { retryable: false },
  not_encodable: { retryable: false },
  run_exists: { retryable: false },
  would_deadlock: { retryable: false },
  // What came over the wire
  undecodable: { retryable: false },
  // The connection and the server
  cannot_connect: { retryable: true },
  connection_closed: { retryable: false },
  permission_denied: { retryable: false },
  unsupported_server: { retryable: false },
  jetstream_disabled: { retryable: false },
  not_provisioned: { retryable: false },
  config_conflict: { retryable: false },
  storage_full: { retryable: true },
  broker_unavailable: { retryable: true },
  broker_error: { retryable: false },
  unconfirmed: { retryable: true },
  conflict: { retryable: false },
  server_missing: { retryable: false },
  server_failed: { retryable: false },
  // A run
  handler_failed: { retryable: true },
  handler_discarded: { retryable: false },
  attempt_timeout: { retryable: true },
  deadline_exceeded: { retryable: false },
  thread_crashed: { retryable: true },
  crash_loop: { retryable: false },
  unknown_task: { retryable: false },
  run_failed: { retryable: false },
  run_cancelled: { retryable: false },
  run_expired: { retryable: false },
  run_unknown: { retryable: false },
  run_finished: { retryable: false },
  run_not_scheduled: { retryable: false },
  result_timeout: { retryable: true },
  // A worker
  worker_unknown: { retryable: false },
  // A schedule
  schedule_unknown: { retryable: false },
  // Anything that should not happen
  internal: { retryable: false },
};

/** One code of the closed set {@link ERROR_CODES}. */
export type ErrorCode =
  | "invalid_argument"
  | "duplicate_task"
  | "handler_missing"
  | "schema_violation"
  | "payload_too_large"
  | "not_encodable"
  | "run_exists"
  | "would_deadlock"
  | "undecodable"
  | "cannot_connect"
  | "connection_closed"
  | "permission_denied"
  | "unsupported_server"
  | "jetstream_disabled"
  | "not_provisioned"
  | "config_conflict"
  | "storage_full"
  | "broker_unavailable"
  | "broker_error"
  | "unconfirmed"
  | "conflict"
  | "server_missing"
  | "server_failed"
  | "handler_failed"
  | "handler_discarded"
  | "attempt_timeout"
  | "deadline_exceeded"
  | "thread_crashed"
  | "crash_loop"
  | "unknown_task"
  | "run_failed"
  | "run_cancelled"
  | "run_expired"
  | "run_unknown"
  | "run_finished"
  | "run_not_scheduled"
  | "result_timeout"
  | "worker_unknown"
  | "schedule_unknown"
  | "internal";

/** Whether `value` is one of {@link ERROR_CODES}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}
