import * as client from "@umbel/client";
import { describe, expect, test } from "vitest";
import { callWith, refusalOf, wantedRefusal, type BadCall } from "../helpers/bad-call.ts";
import { shareServer } from "../helpers/shared-server.ts";

// Whatever is wrong is named: the field, the value received and what to do.

const shared = shareServer();

const connecting = (options: object) => () =>
  callWith(client, "connect", { servers: shared.url, ...options });

describe("connect refuses", () => {
  test.each<BadCall>([
    {
      what: "an unknown option",
      call: connecting({ server: "x" }),
      field: "connect.server",
      says: ['"x"', 'Did you mean "servers"?'],
    },
    {
      what: "an address that is none",
      call: connecting({ servers: "http://a b" }),
      field: "servers",
      says: ['"http://a b"', "nats://127.0.0.1:4222"],
    },
    { what: "no address", call: connecting({ servers: [] }), field: "servers", says: ["[]", "at least one"] },
    {
      what: "a mesh name that is none",
      call: connecting({ mesh: "My Mesh" }),
      field: "mesh",
      says: ['"My Mesh"', "lower-case"],
    },
    {
      what: "a duration that is none",
      call: connecting({ connectTimeout: "5 s" }),
      field: "connectTimeout",
      says: ['"5 s"', '"30s"'],
    },
    {
      what: "credentials that cannot be read",
      call: connecting({ creds: "/nowhere/user.creds" }),
      field: "creds",
      says: ['"/nowhere/user.creds"', "ENOENT"],
    },
    {
      what: "two copies",
      call: connecting({ provision: { replicas: 2 } }),
      field: "provision.replicas",
      says: ["received 2", "1, 3 or 5"],
    },
  ])("$what", async (bad) => {
    expect(await refusalOf(bad)).toEqual(wantedRefusal(bad));
  });
});

const defining = (options: object) => () => callWith(client, "defineTask", { name: "t", ...options });

describe("defineTask refuses", () => {
  test.each<BadCall>([
    {
      what: "no name",
      call: defining({ name: undefined }),
      field: "task.name",
      says: ["undefined", "media.thumbnail"],
    },
    {
      what: "a wildcard",
      call: defining({ name: "a.*" }),
      field: "task.name",
      says: ['"a.*"', "media.thumbnail"],
    },
    {
      what: "an unknown option",
      call: defining({ retrys: 3 }),
      field: "task.retrys",
      says: ["received 3", 'Did you mean "retry"?'],
    },
    {
      what: "a queue of two tokens",
      call: defining({ queue: "a.b" }),
      field: "task t: queue",
      says: ['"a.b"', '"media"'],
    },
    {
      what: "an unknown priority",
      call: defining({ priority: "urgent" }),
      field: "task t: priority",
      says: ['"urgent"', '"high"'],
    },
    {
      what: "a negative timeout",
      call: defining({ timeout: -1 }),
      field: "task t: timeout",
      says: ["received -1", '"30s"'],
    },
    {
      what: "a timeout of nothing",
      call: defining({ timeout: 0 }),
      field: "task t: timeout",
      says: ["received 0", "above 0"],
    },
    {
      what: "no attempts",
      call: defining({ retry: { maxAttempts: 0 } }),
      field: "task t: retry.maxAttempts",
      says: ["received 0", "from 1 to 1000"],
    },
    {
      what: "a backoff in words",
      call: defining({ retry: { backoff: "slow" } }),
      field: "task t: retry.backoff",
      says: ['"slow"', "exponential("],
    },
    {
      what: "a result kept for a moment",
      call: defining({ resultTtl: 10 }),
      field: "task t: resultTtl",
      says: ["received 10", '"1s"'],
    },
    {
      what: "an unknown place",
      call: defining({ runsOn: "process" }),
      field: "task t: runsOn",
      says: ['"process"', '"thread"'],
    },
    {
      what: "an input that is no schema",
      call: defining({ input: { path: "string" } }),
      field: "task t: input",
      says: ['{"path":"string"}', "Standard Schema"],
    },
    {
      what: "no options at all",
      call: () => callWith(client, "defineTask", "t"),
      field: "task",
      says: ['"t"', "an object"],
    },
  ])("$what", async (bad) => {
    expect(await refusalOf(bad)).toEqual(wantedRefusal(bad));
  });
});
