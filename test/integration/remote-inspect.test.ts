import { connectBroker } from "@umbel/broker";
import { createTestMesh } from "@umbel/testing";
import { workerRequestSubject } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { block, gated, quick } from "../helpers/tasks.ts";

// What operators ask workers.

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
      mesh.spawnWorker({ ...worker, ackWait: "30s", workerName: "killed" }),
    ]);
    killed.kill();
    await killed.exited;
    await using journal = await createJournal();
    const run = await mesh.client.enqueue(block, { journal: journal.path, ms: 3_000 });
    await mesh.eventually("its loop is blocked", () => journal.starts(run.id).length === 1);
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
    await journal.open(run.id);
    await run.result(PATIENT);
    // It was told in time, and does it once it can.
    await mesh.eventually(
      "it drains",
      async () => (await mesh.client.workers.get("busy")).state === "draining",
    );
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
