import { readFileSync } from "node:fs";
import { connectBroker, provisionConsumers, provisionStreams, type BrokerConnection } from "@umbel/broker";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { runSubject } from "@umbel/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { startUmbel, umbel } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;
const PERMISSIONS = readFileSync(new URL("../../../deploy/nats/permissions.conf", import.meta.url), "utf8");

interface Check {
  readonly name: string;
  readonly status: string;
  readonly message: string;
}

let server: LocalServer;
let meshes = 0;

beforeAll(async () => {
  server = await startServer({ monitor: true });
});

afterAll(async () => {
  await server?.stop();
});

async function freshMesh(): Promise<BrokerConnection> {
  const connection = await connectBroker({ servers: server.url, mesh: `doctor-${++meshes}` });
  await provisionStreams(connection);
  await provisionConsumers(connection, "default", 30_000);
  return connection;
}

async function examine(
  mesh: string,
  ...flags: readonly string[]
): Promise<{ code: number | undefined; checks: readonly Check[] }> {
  const { code, out } = await umbel(["doctor", "--server", server.url, "--mesh", mesh, "--json", ...flags]);
  const { checks } = parseLine(out);
  return { code, checks: Array.isArray(checks) ? checks : [] };
}

function named(checks: readonly Check[], name: string): readonly string[] {
  return checks.filter((check) => check.name === name).map(({ status, message }) => `${status} ${message}`);
}

async function enqueueRaw(
  { nats, mesh }: BrokerConnection,
  queue: string,
  kind: "ready" | "delayed",
): Promise<void> {
  const runId = `${queue}-${kind}`;
  const place = { queue, task: "t", runId };
  const subject =
    kind === "ready"
      ? runSubject(mesh, { kind, priority: "normal", ...place })
      : runSubject(mesh, { kind, ...place });
  await nats.request(subject, "");
}

describe("a healthy mesh", () => {
  test("has no failures and no warnings, and nothing in it is changed", async () => {
    await using connection = await freshMesh();
    const { mesh, manager, streams } = connection;
    await using worker = startUmbel(["worker", HANDLERS, "--server", server.url, "--mesh", mesh]);
    await worker.says("worker.started");
    // A worker tells events, and of itself, whenever it likes.
    const { events: _, workers: __, ...quiet } = streams;
    const before = await Promise.all(Object.values(quiet).map((name) => manager.streams.info(name)));
    const { code, checks } = await examine(mesh, "--monitor", String(server.monitorUrl));
    const after = await Promise.all(Object.values(quiet).map((name) => manager.streams.info(name)));
    expect(code).toBe(0);
    expect(checks.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(named(checks, "sync")).toEqual(["ok every 1 s: a power cut may lose what was acknowledged since"]);
    expect(named(checks, "clock")).toEqual([expect.stringMatching(/^ok .*agree/)]);
    expect(after.map(({ state, config }) => ({ state, config }))).toEqual(
      before.map(({ state, config }) => ({ state, config })),
    );
  });

  test("is shown to people with a count at the end", async () => {
    await using connection = await freshMesh();
    const { code, out } = await umbel(["doctor", "--server", server.url, "--mesh", connection.mesh]);
    expect(code).toBe(0);
    expect(out).toContain(`mesh ${connection.mesh} at ${server.url}\n`);
    expect(out).toMatch(/ {2}ok {4}durability +every stream is on disk, 1 copy/);
    expect(out).toMatch(/ {2}ok {4}receipt +a run that was acknowledged survives a restart of its server/);
    expect(out).toMatch(/ {2}skip {2}sync .*\n +→ Pass --monitor/);
    expect(out).toMatch(/\nnothing failed, \d+ ok, 2 not known\n$/);
  });
});

describe("what is wrong is found", () => {
  test("a mesh without streams", async () => {
    const { code, checks } = await examine("no-such-mesh");
    expect(code).toBe(1);
    expect(named(checks, "streams")).toEqual(['fail the mesh "no-such-mesh" has no streams here']);
    expect(named(checks, "clock")).toEqual([expect.stringMatching(/^skip/)]);
  });

  test("a stream that would drop runs, and one that is missing", async () => {
    await using connection = await freshMesh();
    const { manager, streams, mesh } = connection;
    const { config } = await manager.streams.info(streams.tasks);
    await manager.streams.update(streams.tasks, { ...config, max_msgs: 1_000 });
    await manager.streams.delete(streams.deadLetters);
    const { code, checks } = await examine(mesh);
    expect(code).toBe(1);
    expect(named(checks, "streams")).toEqual([
      `fail ${streams.deadLetters} is missing`,
      `fail ${streams.tasks}: max_msgs is 1000 and must be -1`,
    ]);
  });

  test("a consumer that would give runs up, and a paused one", async () => {
    await using connection = await freshMesh();
    const { manager, streams, mesh } = connection;
    await manager.consumers.update(streams.tasks, "default_n", { max_deliver: 3 });
    await manager.consumers.pause(streams.tasks, "default_l", new Date(Date.now() + 3_600_000));
    const { code, checks } = await examine(mesh);
    expect(code).toBe(1);
    expect(named(checks, "consumers")).toEqual([
      "fail default_n: max_deliver is 3",
      "warn default_l is paused: its runs wait",
    ]);
  });

  test("a consumer near its limit", async () => {
    await using connection = await freshMesh();
    const { manager, streams, mesh, nats } = connection;
    await manager.consumers.update(streams.tasks, "default_n", { max_ack_pending: 1 });
    await enqueueRaw(connection, "default", "ready");
    const pull = `$JS.API.CONSUMER.MSG.NEXT.${streams.tasks}.default_n`;
    // What is delivered keeps its own subject: the library's shared inbox would not recognise it.
    await nats.request(pull, '{"batch":1,"expires":10000000000}', { timeout: 10_000, noMux: true });
    expect(named((await examine(mesh)).checks, "consumers")).toEqual([
      "warn default_n: 1 run is held by workers, and 1 is the most (max_ack_pending)",
    ]);
  });

  test("runs that no worker takes, and runs in a queue that nobody ever served", async () => {
    await using connection = await freshMesh();
    await enqueueRaw(connection, "default", "ready");
    await enqueueRaw(connection, "typo", "ready");
    await enqueueRaw(connection, "typo", "delayed");
    const { code, checks } = await examine(connection.mesh);
    // A warning: enqueueing before the first worker starts is nothing wrong.
    expect(code).toBe(0);
    expect(named(checks, "queue")).toEqual([
      "warn default: 1 run waits, 0 held by workers: no worker serves the queue",
    ]);
    expect(named(checks, "coverage")).toEqual([
      "warn no worker has ever served the queue typo, in which 1 run waits, 1 is scheduled",
    ]);
  });

  test("messages that are no runs", async () => {
    await using connection = await freshMesh();
    await connection.nats.request(`${connection.mesh}.K.a.b.c.d`, "");
    expect(named((await examine(connection.mesh)).checks, "coverage")).toEqual([
      "warn 1 message is on subjects that are no run's: nothing takes them",
    ]);
  });

  test("monitoring that does not answer", async () => {
    await using connection = await freshMesh();
    const { code, checks } = await examine(
      connection.mesh,
      "--monitor",
      server.url.replace("nats:", "http:"),
    );
    expect(code).toBe(1);
    expect(named(checks, "sync")).toEqual([expect.stringMatching(/^fail http:.*\/varz does not answer/)]);
    const usage = await umbel([
      "doctor",
      "--server",
      server.url,
      "--mesh",
      connection.mesh,
      "--monitor",
      "ftp://x",
    ]);
    expect(usage).toMatchObject({ code: 2, err: expect.stringContaining("--monitor: expected a URL") });
  });
});

describe("rights", () => {
  let guarded: LocalServer;

  beforeAll(async () => {
    guarded = await startServer({ extraConfig: PERMISSIONS });
    await using operator = await connectBroker(user("operator"));
    await provisionStreams(operator);
  });

  afterAll(async () => {
    await guarded?.stop();
  });

  function user(name: string): { servers: string; user: string; password: string; inboxPrefix: string } {
    return { servers: guarded.url, user: name, password: `change-me-${name}`, inboxPrefix: `_INBOX_${name}` };
  }

  async function rightsOf(name: string): Promise<readonly string[]> {
    const { servers, password, inboxPrefix } = user(name);
    const flags = ["--server", servers, "--user", name, "--inbox-prefix", inboxPrefix, "--json"];
    const { out, code } = await umbel(["doctor", ...flags], { env: { UMBEL_PASSWORD: password } });
    expect(code).toBe(0);
    const { checks } = parseLine(out);
    const found: readonly Check[] = Array.isArray(checks) ? checks : [];
    return found
      .filter((check) => check.name.endsWith("rights"))
      .map((check) => `${check.status} ${check.name}`);
  }

  test("of a producer, a worker and an operator are told apart", async () => {
    expect(await rightsOf("producer")).toEqual([
      "ok client rights",
      "skip worker rights",
      "skip operator rights",
    ]);
    expect(await rightsOf("worker")).toEqual([
      "ok client rights",
      "ok worker rights",
      "skip operator rights",
    ]);
    expect(await rightsOf("operator")).toEqual([
      "ok client rights",
      "warn worker rights",
      "ok operator rights",
    ]);
  });

  test("a forgotten inbox prefix is recognised", async () => {
    const flags = ["--server", guarded.url, "--user", "producer", "--password", "change-me-producer"];
    const { code, out } = await umbel(["doctor", ...flags]);
    expect(code).toBe(1);
    expect(out).toMatch(/fail +server .*may not subscribe to "_INBOX/);
    expect(out).toContain("--inbox-prefix");
  });

  test("wrong credentials cannot connect: exit code 3", async () => {
    const { code, err } = await umbel([
      "doctor",
      "--server",
      guarded.url,
      "--user",
      "producer",
      "--password",
      "no",
    ]);
    expect(code).toBe(3);
    expect(err).toContain("the server refused these credentials");
  });
});
