import { createTestMesh, type TestMesh } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callWith, refusalOf, wantedRefusal, type BadCall } from "../helpers/bad-call.ts";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { quick, strict } from "../helpers/tasks.ts";

// Whatever is wrong is named: the field, the value received and what to do.

const shared = shareServer();
let mesh: TestMesh;
beforeAll(async () => {
  mesh = await createTestMesh({ server: shared.url });
});
afterAll(() => mesh.close());

const enqueueing = (options: object) => () => callWith(mesh.client, "enqueue", quick, 1, options);

describe("enqueue refuses", () => {
  test.each<BadCall>([
    {
      what: "an unknown option",
      call: enqueueing({ prio: "high" }),
      field: "enqueue.prio",
      says: ['"high"', "priority"],
    },
    {
      what: "a delay in words",
      call: enqueueing({ delay: "tomorrow" }),
      field: "delay",
      says: ['"tomorrow"', '"30s"'],
    },
    {
      what: "a moment without a zone",
      call: enqueueing({ at: "2030-01-01T09:00:00" }),
      field: "at",
      says: ['"2030-01-01T09:00:00"', "with a zone"],
    },
    {
      what: "a moment that is none",
      call: enqueueing({ at: new Date(Number.NaN) }),
      field: "at",
      says: ["null", "with a zone"],
    },
    {
      what: "a number for a moment",
      call: enqueueing({ at: 1_900_000_000_000 }),
      field: "at",
      says: ["1900000000000", "a Date"],
    },
    {
      what: "a delay and a moment",
      call: enqueueing({ delay: 1, at: new Date() }),
      field: "at",
      says: ["not both"],
    },
    {
      what: "an unknown priority",
      call: enqueueing({ priority: 9 }),
      field: "priority",
      says: ["received 9", '"high"'],
    },
    {
      what: "a queue with a wildcard",
      call: enqueueing({ queue: ">" }),
      field: "queue",
      says: ['">"', '"media"'],
    },
    {
      what: "a run id with a dot",
      call: enqueueing({ runId: "a.b" }),
      field: "runId",
      says: ['"a.b"', "letters, digits"],
    },
    {
      what: "an empty run id",
      call: enqueueing({ runId: "" }),
      field: "runId",
      says: ['""', "letters, digits"],
    },
    {
      what: "a header of the server's",
      call: enqueueing({ headers: { "Nats-Rollup": "all" } }),
      field: "headers",
      says: ["Nats-Rollup", "Nats-"],
    },
    {
      what: "a header of two lines",
      call: enqueueing({ headers: { a: "b\r\nNats-Rollup: all" } }),
      field: "headers.a",
      says: ["Nats-Rollup", "line breaks"],
    },
    {
      what: "headers that are none",
      call: enqueueing({ headers: new Map([["a", "b"]]) }),
      field: "headers",
      says: ["Object.fromEntries"],
    },
    {
      what: "half an attempt",
      call: enqueueing({ retry: { maxAttempts: 0.5 } }),
      field: "retry.maxAttempts",
      says: ["received 0.5", "whole number"],
    },
    {
      what: "an expiry of nothing",
      call: enqueueing({ expires: "0s" }),
      field: "expires",
      says: ['"0s"', "above 0"],
    },
    {
      what: "an input that violates the schema",
      call: () => callWith(mesh.client, "enqueue", strict, { journal: 1, size: 0 }),
      code: "schema_violation",
      field: "input of test.strict",
      says: ["journal:", "size:", '{"journal":1,"size":0}'],
    },
    {
      what: "an input that cannot be sent",
      call: () => callWith(mesh.client, "enqueue", quick, () => 1),
      code: "not_encodable",
      field: "input of test.quick",
      says: ["function"],
    },
    {
      what: "an input that was not awaited",
      call: () => callWith(mesh.client, "enqueue", quick, Promise.resolve(1)),
      code: "not_encodable",
      field: "input of test.quick",
      says: ["await it first"],
    },
    {
      what: "an input that is too large",
      call: () => callWith(mesh.client, "enqueue", quick, "x".repeat(9_000_000)),
      code: "payload_too_large",
      field: "input",
      says: ["9000005 bytes", "max_payload"],
    },
    {
      what: "a run id for many",
      call: () => callWith(mesh.client, "enqueueMany", quick, [1], { runId: "a" }),
      field: "enqueueMany.runId",
      says: ['"a"', "every run gets its own"],
    },
    {
      what: "one bad input of many",
      call: () => callWith(mesh.client, "enqueueMany", strict, [{ journal: "", size: 1 }, {}]),
      code: "schema_violation",
      field: "input of test.strict",
      says: ["{}"],
    },
    {
      what: "a name that is none",
      call: () => callWith(mesh.client, "enqueueByName", "a b", 1),
      field: "task",
      says: ['"a b"', "media.thumbnail"],
    },
  ])("$what", async (bad) => {
    expect(await refusalOf(bad)).toEqual(wantedRefusal(bad));
  });

  test("without having stored anything", async () => {
    await using connection = await connectTo(mesh);
    expect(await openRuns(connection)).toBe(0);
  });
});

describe("a run's handle refuses", () => {
  const run = (): object => mesh.client.run("r1");
  test.each<BadCall>([
    { what: "an id that is none", call: () => mesh.client.run("a.b"), field: "runId", says: ['"a.b"'] },
    {
      what: "an unknown option",
      call: () => callWith(run(), "result", { time: 1 }),
      field: "result.time",
      says: ["received 1", "timeout"],
    },
    {
      what: "a timeout that is none",
      call: () => callWith(run(), "result", { timeout: "x" }),
      field: "result.timeout",
      says: ['"x"', '"30s"'],
    },
    {
      what: "a reason that is none",
      call: () => callWith(run(), "cancel", { reason: 5 }),
      field: "cancel.reason",
      says: ["received 5", "text"],
    },
  ])("$what", async (bad) => {
    expect(await refusalOf(bad)).toEqual(wantedRefusal(bad));
  });
});
