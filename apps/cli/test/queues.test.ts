import { connect, defineTask, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { eventually } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { startUmbel, umbel, type Finished } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;
const add = defineTask<readonly number[], number>({ name: "math.add", queue: "sums" });

let server: LocalServer;
let mesh: Mesh;

beforeAll(async () => {
  server = await startServer();
  mesh = await connect({ servers: server.url });
});

afterAll(async () => {
  await mesh?.close();
  await server?.stop();
});

function run(...args: readonly string[]): Promise<Finished> {
  return umbel(["queues", ...args], { env: { UMBEL_SERVER: server.url } });
}

async function listed(queue: string): Promise<unknown> {
  const { queues } = parseLine((await run("list", "--json")).out);
  return Array.isArray(queues) ? queues.find((known: { queue: string }) => known.queue === queue) : undefined;
}

describe("umbel queues", () => {
  test("list shows what waits, by priority, lanes and due time, whether it is served or not", async () => {
    expect((await run("list")).out).toBe(
      "there are no queues yet: nothing was enqueued, and no worker was started\n",
    );
    await mesh.enqueue(add, [1], { priority: "high" });
    await mesh.enqueue(add, [1]);
    await mesh.enqueue(add, [1], { delay: "1h" });
    for (const key of ["a", "b", "c"]) await mesh.enqueue(add, [1], { key });
    const expected = { queue: "sums", ready: { high: 1, normal: 1, low: 0 }, keyed: 3, delayed: 1, lanes: 8 };
    expect(await listed("sums")).toMatchObject(expected);
    const [head, line] = (await run("list")).out.split("\n");
    expect(head).toMatch(/^queue +high +normal +low +keyed +lanes +delayed +retrying +running +state$/);
    expect(line).toMatch(/^sums +1 +1 +0 +3 +8 +1 +0 +0 +open$/);
  });

  test("pause and resume decide for a worker that runs", async () => {
    await using worker = startUmbel(["worker", HANDLERS, "--queues", "sums", "--server", server.url]);
    await worker.says("worker.started");
    await eventually("it has taken what waited", async () => {
      return JSON.stringify(await listed("sums")).includes('"keyed":0');
    });
    const paused = await run("pause", "sums", "--for", "1h", "--reason", "moving", "--by", "ada");
    expect({ code: paused.code, err: paused.err }).toEqual({ code: 0, err: "" });
    expect(paused.out).toMatch(/^sums: paused \d+ ms ago, by ada, ends in 59 min \d+ s, moving, 8 lanes\n$/);
    const waiting = await mesh.enqueue(add, [1, 2]);
    await expect(waiting.result({ timeout: "1s" })).rejects.toMatchObject({ code: "result_timeout" });
    expect(await listed("sums")).toMatchObject({
      paused: { reason: "moving", by: "ada", until: expect.stringContaining("T") },
    });
    expect((await run("list")).out).toContain("by ada, ends in 59 min");
    expect((await run("resume", "sums")).out).toBe("sums: open, 8 lanes\n");
    expect(await waiting.result({ timeout: "10s" })).toBe(3);
  });

  test("configure sets the lanes, and says why it cannot", async () => {
    expect((await run("configure", "fresh", "--lanes", "32", "--json")).out).toBe(
      '{"queue":"fresh","version":1,"lanes":32,"keyed":false}\n',
    );
    await mesh.enqueue(add, [1], { queue: "held", key: "k", delay: "1h" });
    const refused = await run("configure", "held", "--lanes", "2");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("the lanes of queue held cannot be changed");
    expect((await run("configure", "held", "--lanes", "33")).code).toBe(2);
    expect((await run("pause", "a b")).code).toBe(2);
    expect((await run("pause", "a", "--until", "2099-01-01T00:00:00Z", "--for", "1h")).code).toBe(2);
  });
});
