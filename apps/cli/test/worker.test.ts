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

  test("logs what nobody caught, and ends with 1", async () => {
    const { flags, name } = freshMesh();
    await using worker = startUmbel(["worker", HANDLERS, ...flags, "--queues", "crashes"]);
    await worker.says("worker.started");
    await using mesh = await connectTo(name);
    await mesh.enqueueByName("crash", null, { queue: "crashes" });
    expect(await worker.finished).toMatchObject({ code: 1, err: "" });
    expect(logLines(worker).at(-1)).toMatchObject({
      event: "worker.crashed",
      err: { message: "from nowhere" },
    });
  });
});

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
