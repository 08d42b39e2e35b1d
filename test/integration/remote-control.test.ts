import { connectBroker } from "@umbel/broker";
import { createTestMesh } from "@umbel/testing";
import type { AuditEntry } from "@umbel/client";
import { workerRequestSubject } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated, quick } from "../helpers/tasks.ts";

// What operators ask workers, and tell them.

const shared = shareServer();
const PATIENT = { timeout: "20s" } as const;
const worker = { modules: [LOOP], ackWait: "1s" } as const;

describe("inspect", () => {
  test("tells what each worker executes, knows and pulls from, as it is", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const one = await mesh.startWorker({ ...worker, workerName: "one", queues: ["left"], concurrency: 1 });
    await mesh.startWorker({ ...worker, workerName: "two", queues: ["right"] });
    const run = await mesh.client.enqueue(gated, { journal: journal.path }, { queue: "left" });
    await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
    const { inspect } = mesh.client;
    expect(await inspect.ping()).toMatchObject([
      { name: "one", worker: one.id, source: "live" },
      { name: "two", source: "live" },
    ]);
    expect(await inspect.active()).toMatchObject([
      {
        name: "one",
        source: "live",
        value: { total: 1, runs: [{ runId: run.id, task: gated.name, attempt: 1 }] },
      },
      { name: "two", source: "live", value: { total: 0, runs: [] } },
    ]);
    expect(await inspect.query([run.id, "nobody"], { workers: "one" })).toMatchObject([
      { value: [{ runId: run.id, where: "active", queue: "left" }] },
    ]);
    expect(await inspect.queues({ workers: ["one"] })).toMatchObject([
      { value: [{ name: "left", pulledFor: "loop", lanes: 0 }] },
    ]);
    const [registered] = await inspect.registered({ workers: one.id });
    expect(registered).toMatchObject({ source: "live" });
    if (registered?.source !== "live") throw new Error("it did not answer");
    expect(registered.value).toContainEqual({
      name: quick.name,
      queue: "default",
      runsOn: "loop",
      maxAttempts: 3,
    });
    expect(await inspect.stats({ workers: "one" })).toMatchObject([
      { value: { slots: { loop: { busy: 1, total: 1 } }, taskCounts: { [gated.name]: { started: 1 } } } },
    ]);
    expect(await inspect.report({ workers: "one" })).toMatchObject([{ value: { mesh: mesh.name } }]);
    await journal.open("all");
    await run.result(PATIENT);
  });

  test("gives the configuration of a worker without what gives anybody rights", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const secret = "kept-to-myself";
    await mesh.startWorker({ ...worker, user: "ada", password: secret });
    const [conf] = await mesh.client.inspect.conf();
    expect(conf).toMatchObject({
      source: "live",
      value: { concurrency: 50, ackWaitMs: 1_000, connection: { user: "ada", password: "(hidden)" } },
    });
    expect(JSON.stringify(conf)).not.toContain(secret);
  });

  test("is answered from the registry for a worker that is too busy, and for one that is gone", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const [busy, killed] = await Promise.all([
      mesh.spawnWorker({ ...worker, ackWait: "30s", workerName: "busy" }),
      mesh.spawnWorker({ ...worker, workerName: "killed" }),
    ]);
    killed.kill();
    await killed.exited;
    busy.kill("SIGSTOP");
    const options = { timeout: "300ms" } as const;
    expect(await mesh.client.inspect.queues(options)).toMatchObject([
      { worker: busy.workerId, source: "registry", why: "busy", value: [{ name: "default" }] },
      { worker: killed.workerId, source: "registry", why: "lost", value: [{ name: "default" }] },
    ]);
    const [ping] = await mesh.client.inspect.ping({ ...options, workers: "busy" });
    expect(ping).toMatchObject({ source: "none", why: "busy" });
    if (ping?.source !== "none") throw new Error("it answered");
    expect(ping.ageMs).toBeGreaterThan(300);
    const told = await mesh.client.control.drain({ workers: "all", ...options });
    expect(told).toMatchObject({
      replies: [],
      missing: [
        { name: "busy", why: "busy" },
        { name: "killed", why: "lost" },
      ],
    });
  });
});

describe("control", () => {
  test("adds and removes a queue, resizes, drains and ends one worker of two", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const one = await mesh.startWorker({ ...worker, workerName: "one" });
    const two = await mesh.startWorker({ ...worker, workerName: "two" });
    const { control, workers } = mesh.client;
    const target = { workers: "one" } as const;
    expect(await control.addQueue("late", target)).toMatchObject({
      replies: [{ worker: one.id, ok: true, value: { queues: ["default", "late"] } }],
      missing: [],
    });
    expect(await (await mesh.client.enqueue(quick, 1, { queue: "late" })).result(PATIENT)).toBe(1);
    expect(await control.removeQueue("late", target)).toMatchObject({
      replies: [{ ok: true, value: { queues: ["default"], left: false } }],
    });
    expect(await control.removeQueue("late", target)).toMatchObject({
      replies: [{ ok: false, error: { code: "invalid_argument" } }],
    });
    await control.resize({ concurrency: 3 }, target);
    expect([one.info().slots.loop.total, two.info().slots.loop.total]).toEqual([3, 50]);
    await control.drain(target);
    expect(one.info().state).toBe("draining");
    expect(one.unreadyReason).toBe("draining");
    await mesh.eventually(
      "the registry says so",
      async () => (await workers.get("one")).state === "draining",
    );
    const runs = await mesh.client.enqueueMany(quick, [1, 2, 3]);
    await Promise.all(runs.map((run) => run.result(PATIENT)));
    expect((await workers.get("one")).counts.started).toBe(1);
    await control.undrain(target);
    expect(one.unreadyReason).toBeUndefined();
    await control.shutdown(target);
    await one.stopped;
    expect((await workers.list()).map(({ name }) => name)).toEqual(["two"]);
  });

  test("a drained worker finishes what it executes, and runs that come go to another", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const draining = await mesh.startWorker({ ...worker, workerName: "draining" });
    const held = await mesh.client.enqueue(gated, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts(held.id).length === 1);
    const { replies } = await mesh.client.control.drain({ workers: "all" });
    expect(replies).toMatchObject([{ ok: true, value: { held: 1 } }]);
    const waiting = await mesh.client.enqueue(quick, 7);
    await journal.open("all");
    await held.result(PATIENT);
    await mesh.eventually("it holds nothing", () => draining.runIds.length === 0);
    expect(await waiting.state()).toBe("queued");
    await mesh.startWorker(worker);
    expect(await waiting.result(PATIENT)).toBe(7);
    expect(draining.info().state).toBe("draining");
  });

  test("limits how often a task begins on a worker, until it is lifted", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const { control, inspect } = mesh.client;
    await control.rateLimit(quick.name, "10/s", { workers: "all" });
    const [registered] = await inspect.registered();
    expect(JSON.stringify(registered)).toContain('"rateLimit":"10/s"');
    const startedAt: number[] = [];
    const watching = new AbortController();
    const watch = (async () => {
      for await (const event of mesh.client.events({ types: ["run.started"], signal: watching.signal }))
        startedAt.push(event.at);
    })();
    const runs = await mesh.client.enqueueMany(
      quick,
      Array.from({ length: 8 }, (_, index) => index),
    );
    await Promise.all(runs.map((run) => run.result(PATIENT)));
    await mesh.eventually("all starts are told", () => startedAt.length === 8);
    watching.abort();
    await watch;
    // Seven intervals of 100 ms, whatever the machine is at; timers may be a little early.
    expect((startedAt.at(-1) ?? 0) - (startedAt[0] ?? 0)).toBeGreaterThan(650);
    await control.rateLimit(quick.name, "none", { workers: "all" });
    expect(JSON.stringify(await inspect.registered())).not.toContain("rateLimit");
  });

  test("ends attempts of a task after so long, and kills the thread of a run that is terminated", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using journal = await createJournal();
    await mesh.startWorker({ ...worker, abortGrace: "200ms" });
    const { control } = mesh.client;
    await control.timeLimit(gated.name, "150ms", { workers: "all" });
    const limited = await mesh.client.enqueue(
      gated,
      { journal: journal.path },
      { retry: { maxAttempts: 1 } },
    );
    expect(await limited.outcome(PATIENT)).toMatchObject({ state: "failed" });
    await control.timeLimit(gated.name, "none", { workers: "all" });
    const run = await mesh.client.enqueue(gated, { journal: journal.path, deaf: true });
    await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
    const { cancelled, ended } = await control.terminate([run.id], { reason: "it is stuck", by: "ada" });
    expect(cancelled).toMatchObject({ cancelled: 1 });
    expect(ended.replies).toMatchObject([{ ok: true, value: { runIds: [run.id] } }]);
    await mesh.eventually(
      "it is held no more",
      async () => (await mesh.client.workers.list())[0]?.held === 0,
    );
    expect(await run.info()).toMatchObject({ state: "cancelled", reason: "it is stuck" });
    await journal.open("all");
  });

  test("a wrong argument, worker or verb changes nothing, and says what is meant", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker({ ...worker, workerName: "media-1" });
    const { control, inspect, audit } = mesh.client;
    const all = { workers: "all" } as const;
    await expect(control.drain({ workers: "media-2" })).rejects.toMatchObject({
      code: "worker_unknown",
      message: expect.stringContaining('Did you mean "media-1"?'),
    });
    await expect(inspect.ping({ workers: [] })).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(control.resize({ concurrency: 0 }, all)).rejects.toMatchObject({
      message: expect.stringContaining("concurrency"),
    });
    await expect(control.rateLimit(quick.name, "5/d" as never, all)).rejects.toMatchObject({
      code: "invalid_argument",
    });
    expect((await control.rateLimit("test.quik", "5/s", all)).replies).toMatchObject([
      { ok: false, error: { message: expect.stringContaining(`Did you mean "${quick.name}"?`) } },
    ]);
    expect((await control.logLevel("loud", all)).replies).toMatchObject([
      { ok: false, error: { code: "invalid_argument", message: expect.stringContaining("debug") } },
    ]);
    expect(started.info()).toMatchObject({ state: "running", slots: { loop: { total: 50 } } });
    expect((await audit.list()).entries.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["worker.drain", "failed"],
      ["worker.rate-limit", "failed"],
      ["worker.log-level", "failed"],
    ]);
  });
});

describe("requests from outside", () => {
  test("that are no requests are refused with what is wrong, and harm nothing", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker(worker);
    await using connection = await connectBroker({ servers: shared.url, mesh: mesh.name });
    const subject = workerRequestSubject(mesh.name, started.id, "control");
    const tell = async (body: string): Promise<unknown> => {
      const { data } = await connection.nats.request(subject, body, { timeout: 5_000 });
      return JSON.parse(new TextDecoder().decode(data));
    };
    const refused = (code: string, message: string): object => ({
      ok: false,
      error: { code, message: expect.stringContaining(message) },
    });
    expect(await tell("{")).toMatchObject(refused("undecodable", "JSON"));
    expect(await tell("[]")).toMatchObject(refused("undecodable", "object"));
    expect(await tell('{"verb":7}')).toMatchObject(refused("undecodable", "verb"));
    expect(await tell('{"v":2,"verb":"drain"}')).toMatchObject(refused("undecodable", "version"));
    expect(await tell('{"verb":"dran"}')).toMatchObject(refused("invalid_argument", 'mean "drain"'));
    expect(await tell('{"verb":"constructor"}')).toMatchObject(refused("invalid_argument", "one of"));
    expect(await tell('{"verb":"drain","args":{"x":1}}')).toMatchObject(
      refused("invalid_argument", "args.x"),
    );
    expect(await tell('{"verb":"terminate","args":{"runIds":["a.b"]}}')).toMatchObject(
      refused("invalid_argument", "runIds[0]"),
    );
    expect(await tell(JSON.stringify({ verb: "drain", args: { x: "y".repeat(200_000) } }))).toMatchObject(
      refused("payload_too_large", "bytes"),
    );
    expect(started.info().state).toBe("running");
  });

  test("of the nats command line are answered as a NATS service does", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker(worker);
    await using connection = await connectBroker({ servers: shared.url, mesh: mesh.name });
    const name = `${mesh.name}-worker`;
    const ask = async (subject: string): Promise<unknown> => {
      const { data } = await connection.nats.request(subject, "", { timeout: 5_000 });
      return JSON.parse(new TextDecoder().decode(data));
    };
    await mesh.client.inspect.ping();
    expect(await ask(`$SRV.PING.${name}`)).toMatchObject({
      type: "io.nats.micro.v1.ping_response",
      name,
      metadata: { worker: started.id, pid: String(process.pid) },
    });
    expect(await ask(`$SRV.INFO.${name}`)).toMatchObject({
      type: "io.nats.micro.v1.info_response",
      endpoints: [{ name: "inspect" }, { name: "control" }],
    });
    expect(await ask(`$SRV.STATS.${name}`)).toMatchObject({
      type: "io.nats.micro.v1.stats_response",
      endpoints: [{ name: "inspect", num_requests: 1, num_errors: 0 }, { num_requests: 0 }],
    });
  });
});

describe("the audit", () => {
  test("tells who did what to what, and what came of it", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ ...worker, workerName: "one" });
    const operator = await mesh.connect({ actor: "ada@laptop", name: "ada's shell" });
    await operator.queues.pause("media", { reason: "the store moves", by: "bob" });
    await operator.queues.configure("media", { lanes: 4 });
    await operator.queues.resume("media");
    const run = await operator.enqueue(quick, 1, { delay: "1h" });
    await operator.cancel([run.id, "nobody"], { reason: "no use" });
    await operator.cancelMatching({ queue: "media" });
    await operator.deadLetters.discard({ all: true });
    await expect(operator.deadLetters.redrive("nobody")).rejects.toMatchObject({ code: "run_unknown" });
    await operator.control.resize({ concurrency: 2 }, { workers: "one", by: "eve" });
    const { entries, more } = await operator.audit.list();
    expect(more).toBe(false);
    const who = { actor: "ada@laptop", connection: "ada's shell" };
    expect(entries).toMatchObject([
      {
        action: "queue.pause",
        outcome: "done",
        who: { ...who, by: "bob" },
        target: { queue: "media", reason: "the store moves" },
      },
      {
        action: "queue.configure",
        outcome: "done",
        target: { queue: "media", lanes: 4 },
        result: { version: 2 },
      },
      { action: "queue.resume", outcome: "done", target: { queue: "media" } },
      {
        action: "run.cancel",
        target: { runIds: [run.id, "nobody"], count: 2, reason: "no use" },
        result: { cancelled: 1, unknown: 1 },
      },
      { action: "run.cancel", target: { filter: { queue: "media" } }, result: { cancelled: 0 } },
      { action: "dead.discard", outcome: "done", target: { filter: { all: true } } },
      {
        action: "dead.redrive",
        outcome: "failed",
        target: { runId: "nobody" },
        error: expect.stringContaining("nobody"),
      },
      {
        action: "worker.resize",
        outcome: "done",
        who: { ...who, by: "eve" },
        target: { workers: "one", concurrency: 2 },
        result: { missing: [] },
      },
    ]);
    const last = await operator.audit.list({ limit: 1 });
    expect(last).toMatchObject({ more: true, entries: [{ action: "worker.resize" }] });
    const paused = await operator.audit.list({ action: "queue.pause", since: new Date(Date.now() - 60_000) });
    expect(paused.entries.map(({ id }: AuditEntry) => id)).toEqual([entries[0]?.id]);
    await expect(operator.audit.list({ action: "queue.paws" as never })).rejects.toMatchObject({
      message: expect.stringContaining('Did you mean "queue.pause"?'),
    });
  });

  test("cannot be changed by whoever is on it", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.client.queues.pause("media");
    await using connection = await connectBroker({ servers: shared.url, mesh: mesh.name });
    const { manager, streams } = connection;
    await expect(manager.streams.deleteMessage(streams.audit, 1)).rejects.toThrow();
    await expect(manager.streams.purge(streams.audit)).rejects.toThrow();
    expect((await mesh.client.audit.list()).entries).toHaveLength(1);
  });
});
