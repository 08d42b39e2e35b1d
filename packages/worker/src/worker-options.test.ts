import { hostname } from "node:os";
import { pathToFileURL } from "node:url";
import { defineTask, UmbelError } from "@umbel/protocol";
import { silentLogger } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { handle } from "./handler.ts";
import { resolveWorkerOptions, type ResolvedWorker } from "./worker-options.ts";

const handler = handle(defineTask<number, number>({ name: "double" }), (input) => input * 2);

// What a caller without types, or with a configuration file, may pass.
function resolve(options: unknown): ResolvedWorker {
  return Reflect.apply(resolveWorkerOptions, undefined, [options]);
}

function refusal(options: unknown): unknown {
  try {
    resolve(options);
    return undefined;
  } catch (error) {
    return UmbelError.is(error, "invalid_argument") ? { ...error.details, message: error.message } : error;
  }
}

describe("the options of a worker", () => {
  test("have defaults", () => {
    const { threads, logger, ...rest } = resolve({});
    expect(rest).toStrictEqual({
      maxRunsPerThread: undefined,
      threadLimits: undefined,
      connection: {},
      events: true,
      onEvent: undefined,
      middleware: [],
      modules: [],
      handlers: [],
      queues: undefined,
      priorities: undefined,
      concurrency: 50,
      ackWaitMs: 30_000,
      drainTimeoutMs: 25_000,
      abortGraceMs: 2_000,
      unknownTaskGraceMs: 600_000,
      crashLoopLimit: 5,
      health: undefined,
      schedules: undefined,
      scheduleSource: "code",
      signals: true,
      replicas: undefined,
      workerName: `${hostname()}-${process.pid}`,
    });
    expect(threads).toBeGreaterThanOrEqual(1);
    expect(logger.info).toBeTypeOf("function");
  });

  test("are taken as they are, times in milliseconds", () => {
    const options = {
      handlers: [handler],
      queues: ["b", "a", "b"],
      concurrency: 10_000,
      threads: 1_024,
      maxRunsPerThread: 1,
      threadMemory: { maxOldGenerationMb: 64, maxYoungGenerationMb: 8, stackMb: 1 },
      priorities: { high: 8, normal: 4, low: 1 },
      ackWait: "1s",
      drainTimeout: 1,
      abortGrace: "1.5s",
      unknownTaskGrace: "1h",
      health: { port: 0, host: "::1" },
      signals: false,
      replicas: 5,
      workerName: "w1",
      logger: silentLogger,
    };
    expect(resolve(options)).toMatchObject({
      handlers: [handler],
      queues: ["b", "a"],
      concurrency: 10_000,
      threads: 1_024,
      maxRunsPerThread: 1,
      threadLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, stackSizeMb: 1 },
      priorities: { high: 8, normal: 4, low: 1 },
      ackWaitMs: 1_000,
      drainTimeoutMs: 1,
      abortGraceMs: 1_500,
      unknownTaskGraceMs: 3_600_000,
      health: { port: 0, host: "::1" },
      signals: false,
      replicas: 5,
      workerName: "w1",
      logger: silentLogger,
    });
  });

  test("serve health for this machine alone unless they say otherwise", () => {
    expect(resolve({ health: { port: 8_080 } }).health).toStrictEqual({ port: 8_080, host: "127.0.0.1" });
  });

  test("of the connection are handed on, and only those that are there", () => {
    const { connection } = resolve({ servers: "nats://a", mesh: "m", user: undefined, concurrency: 5 });
    expect(connection).toStrictEqual({ servers: "nats://a", mesh: "m" });
    const all = { creds: "c", user: "u", password: "p", token: "t", tls: true, name: "n", inboxPrefix: "i" };
    const more = { ...all, connectTimeout: "1s", logger: silentLogger };
    expect(resolve(more).connection).toStrictEqual(more);
  });

  test("name modules by URL or by path from the current folder", () => {
    const url = new URL("./handler.ts", import.meta.url);
    expect(
      resolve({ modules: [url, "handlers.ts", "/abs/handlers.ts", "data:text/javascript,1"] }),
    ).toMatchObject({
      modules: [
        url.href,
        pathToFileURL("handlers.ts").href,
        "file:///abs/handlers.ts",
        "data:text/javascript,1",
      ],
    });
  });
});

describe("a wrong option is refused with its name, what was received and what is accepted", () => {
  const many = "a whole number from 1 to";
  const ms: unknown = expect.stringMatching(/^milliseconds as a number of 0 or more, or text like/);
  const positive = "a duration above 0";
  const text = "text of 1 to 200 characters";
  const modules = "a list of URLs or paths";
  const handlers = "a list of what handle(task, function) returns";
  const loggers: unknown = expect.stringMatching(
    /^a logger with the methods debug, info, warn, error, child/,
  );

  test.each<[options: unknown, field: string, saying: [received: unknown, expected: unknown]]>([
    [undefined, "worker", ["undefined", "an object of options"]],
    [[], "worker", ["[]", "an object of options"]],
    [{ modules: "./handlers.ts" }, "modules", ['"./handlers.ts"', modules]],
    [{ modules: [5] }, "modules", ["[5]", modules]],
    [{ handlers: handler }, "handlers", [expect.any(String), handlers]],
    [{ handlers: [() => 1] }, "handlers", [expect.any(String), handlers]],
    [{ queues: "media" }, "queues", ['"media"', "at least one queue name"]],
    [{ queues: [] }, "queues", ["[]", "at least one queue name"]],
    [{ queues: ["ok", "a b"] }, "queues[1]", ['"a b"', expect.stringMatching(/^a queue name of 1 to 64/)]],
    [{ priorities: "fair" }, "priorities", ['"fair"', expect.stringContaining('"strict" or weights')]],
    [{ priorities: 5 }, "priorities", ["5", expect.stringContaining('"strict" or weights')]],
    [{ priorities: { high: 2, low: 1 } }, "priorities.normal", ["undefined", `${many} 1000`]],
    [{ priorities: { high: 2, normal: 0, low: 1 } }, "priorities.normal", ["0", `${many} 1000`]],
    [{ concurrency: 0 }, "concurrency", ["0", `${many} 10000`]],
    [{ concurrency: 10_001 }, "concurrency", ["10001", `${many} 10000`]],
    [{ concurrency: "5" }, "concurrency", ['"5"', `${many} 10000`]],
    [{ threads: 0 }, "threads", ["0", `${many} 1024`]],
    [{ threads: 1_025 }, "threads", ["1025", `${many} 1024`]],
    [{ threads: 1.5 }, "threads", ["1.5", `${many} 1024`]],
    [{ maxRunsPerThread: 0 }, "maxRunsPerThread", ["0", `${many} 1000000000`]],
    [{ threadMemory: 64 }, "threadMemory", ["64", "an object of options"]],
    [
      { threadMemory: { maxOldGenerationMb: 15 } },
      "threadMemory.maxOldGenerationMb",
      ["15", "a whole number from 16 to 65536"],
    ],
    [{ threadMemory: { stackMb: 0.5 } }, "threadMemory.stackMb", ["0.5", "a whole number from 1 to 256"]],
    [{ crashLoopLimit: 0 }, "crashLoopLimit", ["0", `${many} 1000`]],
    [{ crashLoopLimit: 1_001 }, "crashLoopLimit", ["1001", `${many} 1000`]],
    [{ replicas: 2 }, "replicas", ["2", "1, 3 or 5"]],
    [{ replicas: "3" }, "replicas", ['"3"', "1, 3 or 5"]],
    [{ ackWait: "soon" }, "ackWait", ['"soon"', ms]],
    [{ ackWait: 999 }, "ackWait", ["999", 'at least "1s"']],
    [{ ackWait: 0 }, "ackWait", ["0", positive]],
    [{ drainTimeout: -1 }, "drainTimeout", ["-1", ms]],
    [{ drainTimeout: 0 }, "drainTimeout", ["0", positive]],
    [{ abortGrace: "2 s" }, "abortGrace", ['"2 s"', ms]],
    [{ abortGrace: 0 }, "abortGrace", ["0", positive]],
    [{ unknownTaskGrace: Number.NaN }, "unknownTaskGrace", ["NaN", ms]],
    [{ unknownTaskGrace: 0 }, "unknownTaskGrace", ["0", positive]],
    [{ health: 8_080 }, "health", ["8080", "an object of options"]],
    [{ health: null }, "health", ["null", "an object of options"]],
    [{ health: {} }, "health.port", ["undefined", "a whole number from 0 to 65535"]],
    [{ health: { port: 65_536 } }, "health.port", ["65536", "a whole number from 0 to 65535"]],
    [{ health: { port: 0, host: 5 } }, "health.host", ["5", text]],
    [{ health: { port: 0, host: "" } }, "health.host", ['""', text]],
    [{ signals: "no" }, "signals", ['"no"', "true or false"]],
    [{ workerName: "" }, "workerName", ['""', text]],
    [{ workerName: "w".repeat(201) }, "workerName", [expect.any(String), text]],
    [{ workerName: 5 }, "workerName", ["5", text]],
    [{ logger: () => undefined }, "logger", [expect.any(String), loggers]],
    [{ logger: null }, "logger", ["null", loggers]],
    [{ logger: { ...silentLogger, child: undefined } }, "logger", [expect.any(String), loggers]],
  ])("%o", (options, field, [received, expected]) => {
    expect(refusal(options)).toMatchObject({
      field,
      received,
      expected,
      message: expect.stringContaining(`${field}: expected `),
    });
  });

  test("an unknown one with what it may be meant for, in its groups too", () => {
    expect(refusal({ concurency: 5 })).toMatchObject({
      field: "worker.concurency",
      received: "5",
      fix: 'Did you mean "concurrency"?',
    });
    expect(refusal({ health: { prot: 5 } })).toMatchObject({
      field: "health.prot",
      expected: "one of port, host",
    });
  });
});
