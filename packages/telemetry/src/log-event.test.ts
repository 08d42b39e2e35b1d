import { silentLogger } from "@umbel/runtime";
import { expect, expectTypeOf, test } from "vitest";
import { createLogger } from "./create-logger.ts";
import type { LogEventData, LogEventType } from "./log-event-data.ts";
import { LOG_EVENTS, logEvent } from "./log-event.ts";

const attempt = { runId: "r1", task: "t", queue: "q", attempt: 1, delivery: 1, start: 1, workerId: "w1" };

function capture(level: "debug" | "info") {
  const lines: string[] = [];
  const logger = createLogger({ level, destination: { write: (line) => lines.push(line) } });
  return { logger, records: (): unknown[] => lines.map((line) => JSON.parse(line)) };
}

test("every event has its level", () => {
  expect(Object.fromEntries(Object.entries(LOG_EVENTS).map(([type, { level }]) => [type, level]))).toEqual({
    "worker.started": "info",
    "worker.stopping": "info",
    "worker.stopped": "info",
    "worker.drain_timeout": "warn",
    "worker.queue_added": "info",
    "worker.queue_removed": "info",
    "worker.draining": "info",
    "worker.undrained": "info",
    "worker.controlled": "info",
    "worker.resized": "info",
    "worker.crashed": "error",
    "worker.failed": "error",
    "worker.left_runs": "error",
    "run.started": "debug",
    "run.succeeded": "debug",
    "run.attempt_failed": "warn",
    "run.retrying": "info",
    "retry.option_failed": "warn",
    "run.failed": "error",
    "run.failure_reported": "info",
    "run.dead_lettered": "error",
    "run.discarded": "info",
    "run.cancelled": "info",
    "run.expired": "warn",
    "run.handed_back": "debug",
    "run.refused": "warn",
    "run.lease_lost": "warn",
    "run.unknown_task": "warn",
    "run.undecodable": "error",
    "run.crash_loop": "error",
    "schedule.fired": "debug",
    "schedule.missed": "warn",
    "schedule.failed": "error",
    "schedule.rearmed": "warn",
    "schedule.undeclared": "warn",
    "schedule.refired": "warn",
    "result.store_retried": "warn",
    "handler.ignored_abort": "warn",
    "thread.killed": "warn",
    "thread.crashed": "error",
    "consumer.deaf": "warn",
    "consumer.rebuilt": "info",
    "broker.disconnected": "warn",
    "broker.reconnected": "info",
    "broker.error": "warn",
    "provision.created": "info",
    "provision.updated": "info",
  });
});

test("every event has a message of its own", () => {
  const messages = Object.values(LOG_EVENTS).map(({ message }) => message);
  expect(new Set(messages).size).toBe(messages.length);
  for (const message of messages) expect(message).toMatch(/^\S.*[^\s.]$/);
});

test("a line has the event's type, level and message, and its data", () => {
  const { logger, records } = capture("debug");
  logEvent(logger, "run.succeeded", { ...attempt, durationMs: 12 });
  expect(records()).toEqual([
    {
      level: "debug",
      time: expect.any(String),
      pid: expect.any(Number),
      hostname: expect.any(String),
      event: "run.succeeded",
      ...attempt,
      durationMs: 12,
      msg: LOG_EVENTS["run.succeeded"].message,
    },
  ]);
});

test("an error is written as err, with its stack", () => {
  const { logger, records } = capture("info");
  logEvent(logger, "run.attempt_failed", { ...attempt, durationMs: 1, error: new TypeError("broken") });
  expect(records()).toMatchObject([
    { event: "run.attempt_failed", err: { type: "TypeError", message: "broken" } },
  ]);
  expect(records()[0]).toHaveProperty("err.stack");
  expect(records()[0]).not.toHaveProperty("error");
});

test("an event below the logger's level is not written, by any logger", () => {
  const { logger, records } = capture("info");
  logEvent(logger, "run.started", { ...attempt, runsOn: "loop" });
  logEvent(logger.child({}), "run.started", { ...attempt, runsOn: "loop" });
  expect(records()).toEqual([]);
});

test("a logger that knows no levels gets every event", () => {
  const seen: unknown[] = [];
  const logger = { ...silentLogger, debug: (...line: unknown[]) => void seen.push(line) };
  logEvent(logger, "run.started", { ...attempt, runsOn: "loop" });
  expect(seen).toEqual([
    [{ event: "run.started", ...attempt, runsOn: "loop" }, LOG_EVENTS["run.started"].message],
  ]);
});

test("the data of an event is typed", () => {
  expectTypeOf<LogEventData["run.retrying"]>().toHaveProperty("delayMs").toEqualTypeOf<number>();
  expectTypeOf(logEvent<"run.retrying">).toBeCallableWith(silentLogger, "run.retrying", {
    ...attempt,
    delayMs: 1,
  });
  expectTypeOf<typeof attempt>().not.toExtend<LogEventData["run.retrying"]>();
  expectTypeOf<"run.exploded">().not.toExtend<LogEventType>();
});
