import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { eventually } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startUmbel, umbel, type RunningUmbel } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;

let server: LocalServer;
let meshes = 0;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server?.stop();
});

interface Place {
  readonly flags: readonly string[];
  readonly name: string;
}

// A mesh of its own for every test.
function freshMesh(): Place {
  const name = `worker-${++meshes}`;
  return { name, flags: ["--server", server.url, "--mesh", name] };
}

function connectTo(mesh: string): Promise<Mesh> {
  return connect({ servers: server.url, mesh });
}

function logLines(worker: RunningUmbel): Record<string, unknown>[] {
  return worker.out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const value: unknown = JSON.parse(line);
      return Object(value);
    });
}

describe("a worker", () => {
  test("runs the handlers of a TypeScript module, logs JSON, and ends with 0 after SIGTERM", async () => {
    const { flags, name } = freshMesh();
    await using worker = startUmbel(["worker", HANDLERS, ...flags, "--name", "alpha", "--queues", "default"]);
    await worker.says("worker.started");
    await using mesh = await connectTo(name);
    const run = await mesh.enqueueByName("math.add", [1, 2]);
    expect(await run.result({ timeout: "20s" })).toBe(3);
    worker.signal("SIGTERM");
    expect(await worker.finished).toMatchObject({ code: 0, err: "" });
    const lines = logLines(worker);
    expect(lines.map((line) => line["event"])).toEqual(
      expect.arrayContaining(["worker.started", "worker.stopping", "worker.stopped"]),
    );
    expect(lines[0]).toMatchObject({
      level: "info",
      mesh: name,
      queues: ["default"],
      workerId: expect.stringMatching(/^alpha-/),
    });
  });

  test("lets its runs finish after SIGTERM", async () => {
    const { flags, name } = freshMesh();
    await using worker = startUmbel(["worker", HANDLERS, ...flags]);
    await worker.says("worker.started");
    await using mesh = await connectTo(name);
    const run = await mesh.enqueueByName("nap", 1_000);
    await worker.says("nap.began");
    worker.signal("SIGTERM");
    expect(await run.result({ timeout: "20s" })).toBe("rested");
    expect((await worker.finished).code).toBe(0);
  });

  test("hands its runs back after a second signal", async () => {
    const { flags, name } = freshMesh();
    await using worker = startUmbel([
      "worker",
      HANDLERS,
      ...flags,
      "--drain-timeout",
      "10m",
      "--log-level",
      "debug",
    ]);
    await worker.says("worker.started");
    await using mesh = await connectTo(name);
    const run = await mesh.enqueueByName("sleep-long", null);
    await worker.says("sleep.began");
    worker.signal("SIGINT");
    await worker.says("worker.stopping");
    worker.signal("SIGINT");
    expect((await worker.finished).code).toBe(0);
    expect(logLines(worker).map((line) => line["level"])).toContain("debug");
    await eventually("the run waits again", async () => (await run.state()) === "queued");
  });

  test("takes its settings from flags", async () => {
    const { flags } = freshMesh();
    const settings = ["--queues", "a,b", "--concurrency", "7", "--threads", "2", "--ack-wait", "5s"];
    await using worker = startUmbel(["worker", HANDLERS, ...flags, ...settings, "--health-port", "0"]);
    await worker.says("worker.health");
    const [started, health] = logLines(worker);
    expect(started).toMatchObject({ queues: ["a", "b"], slots: 7, threads: 2 });
    const url = String(health?.["healthUrl"]);
    expect(await (await fetch(`${url}/readyz`)).text()).toBe("ok\n");
    expect(await (await fetch(`${url}/livez`)).text()).toBe("ok\n");
  });

  test("charges what nobody caught to its run, lets the others finish, and ends with 1", async () => {
    const { flags, name } = freshMesh();
    await using worker = startUmbel(["worker", HANDLERS, ...flags, "--queues", "crashes,default"]);
    await worker.says("worker.started");
    await using mesh = await connectTo(name);
    const neighbour = await mesh.enqueueByName("nap", 1_000);
    await worker.says("nap.began");
    const run = await mesh.enqueueByName("crash", null, { queue: "crashes", retry: { maxAttempts: 1 } });
    expect(await worker.finished).toMatchObject({ code: 1, err: "" });
    expect(logLines(worker).find((line) => line["event"] === "worker.crashed")).toMatchObject({
      runId: run.id,
      task: "crash",
      charged: true,
      err: { message: "from nowhere" },
    });
    expect(await neighbour.result()).toBe("rested");
    expect(await run.info()).toMatchObject({
      state: "failed",
      errors: [{ error: { code: "handler_failed", cause: { message: "from nowhere" } } }],
    });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("that has not started yet ends at %s with 0", async (signal) => {
    const slow = new URL("./fixtures/slow-handlers.ts", import.meta.url).pathname;
    await using worker = startUmbel(["worker", slow, ...freshMesh().flags]);
    await worker.says("loading");
    worker.signal(signal);
    expect(await worker.finished).toMatchObject({ code: 0, err: "" });
  });

  test("that its server does not let in any more ends with 3, and says why", async () => {
    await using closed = await startServer({ extraConfig: users("secret") });
    const flags = ["--server", closed.url, "--mesh", "revoked", "--user", "ada", "--password", "secret"];
    await using worker = startUmbel(["worker", HANDLERS, ...flags]);
    await worker.says("worker.started");
    await changeUsers(closed, "another");
    const { code, err } = await worker.finished;
    expect(err).toMatch(/the connection to the broker has ended for good.*authoriz/i);
    expect(code).toBe(3);
  });
});

function users(password: string): string {
  return `authorization { users = [{ user: ada, password: ${password} }] }`;
}

// As an operator does who changes the configuration and reloads it.
async function changeUsers({ storeDir, pid }: LocalServer, password: string): Promise<void> {
  const paths = (await readdir(storeDir)).map((name) => join(storeDir, name));
  const path = paths.find((name) => name.endsWith(".conf")) ?? "";
  await writeFile(path, (await readFile(path, "utf8")).replace(users("secret"), users(password)));
  process.kill(pid, "SIGHUP");
}

describe("a module that cannot be used: exit code 2", () => {
  test.each([
    ["handler.ts", "Did you mean"],
    ["no-handlers.ts", "exports no handler"],
    ["broken-handlers.ts", "cannot be loaded: broken on purpose"],
  ])("%s", async (module, message) => {
    const cwd = new URL("./fixtures", import.meta.url).pathname;
    const { code, err, out } = await umbel(["worker", module, ...freshMesh().flags], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).not.toMatch(/^\s+at /m);
  });
});
