import type { LogFields, Logger } from "@umbel/runtime";
import { ATTRIBUTES } from "./attributes.ts";
import type { LogEventData, LogEventType } from "./log-event-data.ts";

/** What is fixed about a type of log event. */
export interface LogEvent {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
}

/** Every log event of Umbel. Search and alert by `event`; the message is for people. */
export const LOG_EVENTS: Readonly<Record<LogEventType, LogEvent>> = {
  "worker.started": { level: "info", message: "worker started" },
  "worker.stopping": { level: "info", message: "worker is stopping: no new runs" },
  "worker.stopped": { level: "info", message: "worker stopped" },
  "worker.drain_timeout": {
    level: "warn",
    message: "drain timeout: aborting and handing back what still runs",
  },
  "worker.queue_added": { level: "info", message: "worker pulls from one more queue" },
  "worker.queue_removed": { level: "info", message: "worker has left a queue" },
  "worker.draining": { level: "info", message: "worker takes no more runs, and stays" },
  "worker.undrained": { level: "info", message: "worker takes runs again" },
  "worker.controlled": { level: "info", message: "worker did what an operator told it" },
  "worker.resized": { level: "info", message: "worker has other numbers of slots" },
  "worker.crashed": { level: "error", message: "an error was not caught: the worker ends" },
  "worker.failed": { level: "error", message: "worker cannot go on: it stops" },
  "worker.left_runs": {
    level: "error",
    message: "runs could be neither finished nor handed back: they start again after the ack-wait",
  },
  "run.started": { level: "debug", message: "run started" },
  "run.succeeded": { level: "debug", message: "run succeeded" },
  "run.attempt_failed": { level: "warn", message: "attempt failed" },
  "run.retrying": { level: "info", message: "run will be tried again" },
  "retry.option_failed": {
    level: "warn",
    message: "a function in the retry options failed: the default was used instead",
  },
  "run.failed": { level: "error", message: "run failed for good" },
  "run.dead_lettered": { level: "error", message: "run moved to the dead letters" },
  "run.failure_reported": { level: "info", message: "onFailure task of the run is enqueued" },
  "run.discarded": { level: "info", message: "run discarded by its handler" },
  "run.cancelled": { level: "info", message: "run cancelled" },
  "run.expired": { level: "warn", message: "run expired before it could finish" },
  "run.handed_back": { level: "debug", message: "run handed back to its queue" },
  "run.refused": { level: "warn", message: "outcome refused: the run belongs to another start" },
  "run.lease_lost": { level: "warn", message: "lease lost: no heartbeat reached the broker in time" },
  "run.unknown_task": { level: "warn", message: "no handler for this task here: handed back" },
  "run.undecodable": { level: "error", message: "message is not a run that can be read" },
  "run.crash_loop": {
    level: "error",
    message: "run was started too often without an end: not started again",
  },
  "schedule.fired": { level: "debug", message: "schedule fired" },
  "schedule.missed": { level: "warn", message: "schedule made no run for some of its times" },
  "schedule.failed": { level: "error", message: "schedule could not be fired: trying again" },
  "schedule.rearmed": { level: "warn", message: "schedules had lost their next firing: set again" },
  "schedule.undeclared": {
    level: "warn",
    message: "schedules are declared no more: they go on until they are deleted",
  },
  "schedule.refired": { level: "warn", message: "schedules had not fired: published anew" },
  "result.store_retried": { level: "warn", message: "storing the outcome failed: trying again" },
  "handler.ignored_abort": { level: "warn", message: "handler goes on although its signal was aborted" },
  "thread.killed": { level: "warn", message: "thread killed" },
  "thread.crashed": { level: "error", message: "thread crashed" },
  "consumer.deaf": { level: "warn", message: "pulls stay unanswered: rebuilding the consumer" },
  "consumer.rebuilt": { level: "info", message: "consumer rebuilt" },
  "broker.disconnected": { level: "warn", message: "disconnected from the broker" },
  "broker.reconnected": { level: "info", message: "reconnected to the broker" },
  "broker.error": { level: "warn", message: "error from the broker" },
  "provision.created": { level: "info", message: "created on the server" },
  "provision.updated": { level: "info", message: "updated on the server" },
};

/** Write the event `type`: its level and message, `event: type`, and `data` with `error` as `err`. */
export function logEvent<Type extends LogEventType>(
  logger: Logger,
  type: Type,
  data: LogEventData[Type],
): void {
  const { level, message } = LOG_EVENTS[type];
  // Two events of every run are off by default: they should not cost an object each.
  if (knowsItsLevel(logger) && !logger.isLevelEnabled(level)) return;
  logger[level](eventFields(type, data), message);
}

/** A logger that can say what it would write, as pino's can. */
interface LevelAwareLogger extends Logger {
  isLevelEnabled(level: string): boolean;
}

function knowsItsLevel(logger: Logger): logger is LevelAwareLogger {
  return "isLevelEnabled" in logger && typeof logger.isLevelEnabled === "function";
}

function eventFields(type: LogEventType, data: object): LogFields {
  if (!("error" in data)) return { [ATTRIBUTES.event]: type, ...data };
  const { error, ...rest } = data;
  return { [ATTRIBUTES.event]: type, ...rest, [ATTRIBUTES.logError]: error };
}
