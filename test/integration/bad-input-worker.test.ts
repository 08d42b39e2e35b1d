import { once } from "node:events";
import { createServer } from "node:http";
import { silentLogger } from "@umbel/runtime";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import * as worker from "@umbel/worker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callWith, refusalOf, wantedRefusal, type BadCall } from "../helpers/bad-call.ts";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { echoHandler } from "../helpers/loop-handlers.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { quick } from "../helpers/tasks.ts";
import { spinHandler } from "../helpers/thread-handlers.ts";

// Whatever is wrong is named: the field, the value received and what to do.

const shared = shareServer();
let mesh: TestMesh;
beforeAll(async () => {
  mesh = await createTestMesh({ server: shared.url });
});
afterAll(() => mesh.close());

const starting = (options: object) => () =>
  callWith(worker, "startWorker", {
    servers: shared.url,
    mesh: mesh.name,
    signals: false,
    logger: silentLogger,
    ...options,
  });
const withEcho = (options: object) => starting({ handlers: [echoHandler], ...options });

describe("startWorker refuses", () => {
  test.each<BadCall>([
    {
      what: "an unknown option",
      call: withEcho({ concurency: 5 }),
      field: "worker.concurency",
      says: ["received 5", 'Did you mean "concurrency"?'],
    },
    {
      what: "no handler",
      call: starting({}),
      code: "handler_missing",
      says: ["no handlers", "handle(task, function)"],
    },
    {
      what: "a module that is not there",
      call: starting({ modules: ["/nowhere/handlers.ts"] }),
      code: "handler_missing",
      says: ["/nowhere/handlers.ts"],
    },
    {
      what: "a module without handlers",
      call: starting({ modules: [new URL("tasks.ts", LOOP)] }),
      code: "handler_missing",
      says: ["tasks.ts", "exports no handler"],
    },
    {
      what: "modules that are no list",
      call: starting({ modules: "./handlers.ts" }),
      field: "modules",
      says: ['"./handlers.ts"'],
    },
    {
      what: "two handlers of one task",
      call: starting({ handlers: [echoHandler, worker.handle(echoHandler.task, () => 1)] }),
      code: "duplicate_task",
      says: ["test.echo", "one of them only"],
    },
    {
      what: "a handler that is none",
      call: starting({ handlers: [() => 1] }),
      field: "handlers",
      says: ["function", "handle("],
    },
    {
      what: "a handler for threads without its module",
      call: starting({ handlers: [spinHandler] }),
      field: "handlers",
      says: ["cpu.spin", "modules"],
    },
    { what: "no queue", call: withEcho({ queues: [] }), field: "queues", says: ["[]", "at least one"] },
    {
      what: "a queue that is none",
      call: withEcho({ queues: ["ok", "a b"] }),
      field: "queues[1]",
      says: ['"a b"', '"media"'],
    },
    {
      what: "no slots",
      call: withEcho({ concurrency: 0 }),
      field: "concurrency",
      says: ["received 0", "from 1 to 10000"],
    },
    {
      what: "threads in words",
      call: withEcho({ threads: "all" }),
      field: "threads",
      says: ['"all"', "whole number"],
    },
    {
      what: "an ack-wait that no heartbeat could keep",
      call: withEcho({ ackWait: "10ms" }),
      field: "ackWait",
      says: ['"10ms"', '"1s"'],
    },
    {
      what: "a drain timeout that is none",
      call: withEcho({ drainTimeout: "soon" }),
      field: "drainTimeout",
      says: ['"soon"', '"30s"'],
    },
    {
      what: "a port that is none",
      call: withEcho({ health: { port: 70_000 } }),
      field: "health.port",
      says: ["70000", "65535"],
    },
    { what: "two copies", call: withEcho({ replicas: 2 }), field: "replicas", says: ["received 2"] },
  ])("$what", async (bad) => {
    expect(await refusalOf(bad)).toEqual(wantedRefusal(bad));
  });

  test("a health port that is taken, and leaves nothing running", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const bad: BadCall = {
      what: "a port that is taken",
      call: withEcho({ health: { port } }),
      field: "health.port",
      says: [`127.0.0.1:${port}`, "Choose another port"],
    };
    expect(await refusalOf(bad)).toEqual(wantedRefusal(bad));
    other.close();
    await using connection = await connectTo(mesh);
    await mesh.client.enqueue(quick, 1);
    expect(await openRuns(connection)).toBe(1);
  });
});

describe("handle refuses", () => {
  test.each<BadCall>([
    {
      what: "no task",
      call: () => callWith(worker, "handle"),
      field: "handle.task",
      says: ["undefined", "defineTask"],
    },
    {
      what: "a name for a task",
      call: () => callWith(worker, "handle", "t", () => 1),
      field: "handle.task",
      says: ['"t"', "defineTask"],
    },
    {
      what: "nothing for a task",
      call: () => callWith(worker, "handle", null, () => 1),
      field: "handle.task",
      says: ["null", "defineTask"],
    },
    {
      what: "no function",
      call: () => callWith(worker, "handle", quick, 5),
      field: "handle.execute",
      says: ["received 5", "a function"],
    },
  ])("$what", async (bad) => {
    expect(await refusalOf(bad)).toEqual(wantedRefusal(bad));
  });
});
