import { connect } from "@umbel/client";
import { streamNames } from "@umbel/protocol";
import { freePort, silentLogger } from "@umbel/runtime";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { startWorker } from "@umbel/worker";
import { RetentionPolicy } from "@nats-io/jetstream";
import { describe, expect, test } from "vitest";
import { greetAs } from "../conformance/helpers/old-server.ts";
import { startPlainServer } from "../conformance/helpers/plain-server.ts";
import { connectTo } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { echoHandler } from "../helpers/loop-handlers.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { limitStorage, user } from "../helpers/server-config.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, gated, quick } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

describe.each([
  ["connect", (servers: string) => connect({ servers, connectTimeout: "2s" })],
  [
    "startWorker",
    (servers: string) =>
      startWorker({ servers, handlers: [echoHandler], connectTimeout: "2s", logger: silentLogger }),
  ],
] as const)("%s refuses", (_, open) => {
  test("a server that is too old, with the version that it found and the one that it needs", async () => {
    await using old = await greetAs("2.12.15");
    const error = await rejection(open(old.url));
    expect(error).toMatchObject({ code: "unsupported_server", details: { needed: "2.14.5" } });
    expect(error.message).toContain("2.12.15");
    expect(error.message).toContain("2.14.5 or newer");
  });

  test("a server without JetStream, with how to enable it", async () => {
    await using plain = await startPlainServer();
    const error = await rejection(open(plain.url));
    expect(error).toMatchObject({ code: "jetstream_disabled" });
    expect(error.message).toContain("nats-server -js");
  });

  test("an address where nobody listens, with the address", async () => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    const error = await rejection(open(url));
    expect(error).toMatchObject({ code: "cannot_connect", retryable: true, details: { servers: url } });
    expect(error.message).toContain("umbel server");
  });
});

describe("missing rights are named", () => {
  const users = [
    user("app"),
    user("poor", { publish: ["$JS.API.STREAM.CREATE.>", "$JS.API.STREAM.UPDATE.>"] }),
    user("mute", { publish: ["*.T.>", "*.S.>"] }),
    user("reader", { publish: ["$JS.API.CONSUMER.>"] }),
    user("forgetful", { publish: ["$KV.>"] }),
  ];
  const extraConfig = `accounts { APP { jetstream: enabled, users: [${users.join(", ")}] } }`;
  const as = (name: string): { user: string; password: string } => ({ user: name, password: name });

  test("when the streams must be made, something is enqueued, or consumers must be made", async () => {
    await using mesh = await createTestMesh({ extraConfig, connection: as("app") });
    const servers = mesh.url;
    const stranger = connect({ servers, mesh: "another", ...as("poor") });
    expect(await rejection(stranger)).toMatchObject({
      code: "permission_denied",
      details: { subject: expect.stringContaining("$JS.API.STREAM.CREATE.") },
    });

    await using mute = await connect({ servers, mesh: mesh.name, ...as("mute") });
    const refused = await rejection(mute.enqueue(quick, 1, { runId: "r1" }));
    const subject = `${mesh.name}.T.default.n.test~quick.r1`;
    expect(refused).toMatchObject({ code: "permission_denied", details: { subject } });
    expect(refused.message).toContain(`publish to "${subject}"`);
    const delayed = await rejection(mute.enqueue(quick, 1, { delay: "1h" }));
    expect(delayed).toMatchObject({ code: "permission_denied" });

    const reader = startWorker({ servers, mesh: mesh.name, ...as("reader"), handlers: [echoHandler] });
    expect(await rejection(reader)).toMatchObject({
      code: "permission_denied",
      details: { subject: expect.stringContaining("$JS.API.CONSUMER.") },
    });
  });

  test("by a worker that may not store outcomes: it goes on, and nothing is lost", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ extraConfig, connection: as("app") });
    const options = { modules: [LOOP], ackWait: "1s" } as const;
    const forgetful = await mesh.startWorker({ ...options, ...as("forgetful") });
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 });
    const line = await mesh.log.waitFor("broker.error");
    expect(JSON.stringify(line)).toContain("$KV.");
    expect(forgetful.unreadyReason).toBeUndefined();
    await mesh.startWorker(options);
    expect(await run.result(PATIENT)).toBe(1);
  });
});

describe("a stream that somebody else has changed", () => {
  const tasksOf = (mesh: TestMesh): string => streamNames(mesh.name).tasks;

  test("is set right by the next that connects, when it can be", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const { streams } = connection.manager;
    const { config } = await streams.info(tasksOf(mesh));
    // Either would drop runs that wait, without a word.
    await streams.update(tasksOf(mesh), { ...config, max_msgs: 2, max_age: 3_600_000_000_000 });
    const other = await mesh.connect();
    const runs = await other.enqueueMany(quick, [4, 5, 6]);
    expect(await Promise.all(runs.map((run) => run.state()))).toEqual(["queued", "queued", "queued"]);
    expect((await streams.info(tasksOf(mesh))).config).toMatchObject({ max_msgs: -1, max_age: 0 });
  });

  test("is refused when it cannot be, with every setting, what it is and what it must be", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const name = `${mesh.name}-2`;
    await connection.manager.streams.add({
      name: streamNames(name).tasks,
      subjects: [`${name}.T.*.*.*.*`],
      retention: RetentionPolicy.Limits,
    });
    const error = await rejection(connect({ servers: mesh.url, mesh: name }));
    expect(error).toMatchObject({ code: "config_conflict", details: { stream: streamNames(name).tasks } });
    expect(error.message).toContain('retention is "limits" and must be "workqueue"');
    expect(error.message).toContain("another mesh name");
    await connection.manager.streams.delete(streamNames(name).tasks);
  });

  test("and announces no outcomes any more still gives results, a little later", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const { streams } = connection.manager;
    const { results } = streamNames(mesh.name);
    const { republish: _, ...config } = (await streams.info(results)).config;
    await mesh.startWorker({ modules: [LOOP] });
    await streams.update(results, config);
    const run = await mesh.client.enqueue(quick, 5);
    expect(await run.result(PATIENT)).toBe(5);
  });

  test("or deleted, with all its consumers, does not end the worker, which goes on when it is there again", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await mesh.startWorker({ modules: [LOOP] });
    await connection.manager.streams.delete(tasksOf(mesh));
    // It is tried until there is a stream that takes it.
    const enqueueing = mesh.client.enqueue(quick, 4);
    const other = await mesh.connect();
    const run = await other.enqueue(quick, 5);
    expect(await run.result(PATIENT)).toBe(5);
    expect(await (await enqueueing).result(PATIENT)).toBe(4);
  });
});

describe("storage that is full", () => {
  /** Fill the storage to the last byte with runs of another queue. */
  async function fill(mesh: TestMesh): Promise<void> {
    for (const size of [100_000, 10_000, 1_000, 10]) {
      const inputs = Array.from({ length: 200 }, () => ({ journal: "", value: "x".repeat(size) }));
      const error = await rejection(mesh.client.enqueueMany(echo, inputs, { queue: "filling" }));
      expect(error).toMatchObject({ code: "storage_full", retryable: true });
      expect(error.message).toContain("Free space");
    }
  }

  async function empty(mesh: TestMesh): Promise<void> {
    await using connection = await connectTo(mesh);
    const filter = `${mesh.name}.T.filling.>`;
    await connection.manager.streams.purge(streamNames(mesh.name).tasks, { filter });
  }

  test("refuses an enqueue, and takes it when there is room again", async () => {
    await using mesh = await createTestMesh({ extraConfig: limitStorage("2MB") });
    await fill(mesh);
    const refused = await rejection(mesh.client.enqueue(quick, 1, { runId: "again" }));
    expect(refused).toMatchObject({ code: "storage_full", retryable: true });
    expect(await mesh.client.run("again").state()).toBe("unknown");
    await empty(mesh);
    await mesh.startWorker({ modules: [LOOP] });
    const run = await mesh.client.enqueue(quick, 1, { runId: "again" });
    expect(await run.result(PATIENT)).toBe(1);
  });

  test("makes a worker hold an outcome, and store it when there is room again, without executing twice", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ extraConfig: limitStorage("2MB") });
    const worker = await mesh.startWorker({ modules: [LOOP], ackWait: "1s", queues: ["default"] });
    const run = await mesh.client.enqueue(gated, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts().length === 1);
    await fill(mesh);
    await journal.open("all");
    // By the third try more than an ack-wait has passed: heartbeats hold the run.
    const retried = await mesh.log.waitFor("result.store_retried", ({ tries }) => tries === 5);
    expect(retried).toMatchObject({ runId: run.id, err: { code: "storage_full" } });
    expect(worker.runIds).toEqual([run.id]);
    await empty(mesh);
    expect(await run.result(PATIENT)).toBe(process.pid);
    expect(journal.starts()).toHaveLength(1);
  });
});
