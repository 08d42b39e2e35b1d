import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { UmbelError } from "@umbel/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { createLogger } from "./create-logger.ts";

function memoryStream() {
  const lines: string[] = [];
  return {
    lines,
    write: (line: string) => void lines.push(line),
    records: (): unknown[] => lines.map((line) => JSON.parse(line)),
  };
}

afterEach(() => vi.unstubAllEnvs());

test("a line is one JSON object with level, ISO time, process, fields and message", () => {
  const destination = memoryStream();
  createLogger({ destination, name: "worker", base: { mesh: "umbel" } }).info({ runId: "r1" }, "run started");

  expect(destination.lines[0]).toMatch(/^\{.*\}\n$/);
  expect(destination.records()).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/),
      pid: process.pid,
      hostname: hostname(),
      name: "worker",
      mesh: "umbel",
      runId: "r1",
      msg: "run started",
    },
  ]);
});

test("a child adds its bindings, also to its own children", () => {
  const destination = memoryStream();
  createLogger({ destination }).child({ queue: "media" }).child({ runId: "r1" }).warn({ attempt: 2 }, "slow");
  expect(destination.records()).toMatchObject([{ level: "warn", queue: "media", runId: "r1", attempt: 2 }]);
});

test("errors are written as data, under err and under error", () => {
  const destination = memoryStream();
  const logger = createLogger({ destination });
  const cause = new RangeError("deep");
  logger.error({ err: new UmbelError("internal", "broken", { cause, details: { runId: "r1" } }) }, "failed");
  logger.error({ error: new TypeError("x is not a function") }, "failed");

  const err = { type: "UmbelError", code: "internal", details: { runId: "r1" }, cause: { message: "deep" } };
  const error = { type: "TypeError", message: "x is not a function", stack: expect.any(String) };
  expect(destination.records()).toMatchObject([{ err }, { error }]);
});

test("what JSON cannot hold does not break the line", () => {
  const destination = memoryStream();
  const circular: Record<string, unknown> = { size: 1n };
  circular["self"] = circular;
  createLogger({ destination }).info({ circular }, "odd");
  expect(destination.records()).toMatchObject([{ msg: "odd" }]);
});

test("lines below the level are not written", () => {
  const destination = memoryStream();
  const logger = createLogger({ destination, level: "warn" });
  logger.debug({}, "1");
  logger.info({}, "2");
  logger.warn({}, "3");
  logger.child({}).info({}, "4");
  createLogger({ destination, level: "silent" }).error({}, "5");
  expect(destination.records()).toMatchObject([{ msg: "3" }]);
});

test("the level comes from the environment when no option gives it", () => {
  vi.stubEnv("UMBEL_LOG_LEVEL", "error");
  const destination = memoryStream();
  createLogger({ destination }).warn({}, "not written");
  createLogger({ destination, level: "warn" }).warn({}, "written");
  expect(destination.records()).toMatchObject([{ msg: "written" }]);

  vi.stubEnv("UMBEL_LOG_LEVEL", "loud");
  expect(() => createLogger({ destination })).toThrow("UMBEL_LOG_LEVEL: expected one of debug, info, warn");
});

test("a file descriptor has the line as soon as the call returns", () => {
  const folder = mkdtempSync(join(tmpdir(), "umbel-log-"));
  const file = join(folder, "log");
  const descriptor = openSync(file, "w");
  try {
    createLogger({ destination: descriptor }).info({}, "written at once");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ msg: "written at once" });
  } finally {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
});

test.each([0, -1, 1.5, Number.NaN])("the file descriptor %s is refused", (destination) => {
  expect(() => createLogger({ destination })).toThrow(
    `destination: expected a file descriptor of at least 1, or a stream, received ${destination}`,
  );
});

test("pretty lines are for people", () => {
  const destination = memoryStream();
  createLogger({ destination, pretty: true }).info({ runId: "r1" }, "run started");
  expect(destination.lines).toEqual([expect.stringMatching(/^[\d:.]{12} INFO {2}run started runId=r1\n$/)]);
});
