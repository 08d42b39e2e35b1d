import { connect, defineTask, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { umbelHere } from "./helpers/umbel-here.ts";
import { startUmbel, type Finished, type RunningUmbel } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;
const add = defineTask<readonly number[], number>({ name: "math.add", queue: "sums" });

let server: LocalServer;
let mesh: Mesh;
let one: RunningUmbel;
let two: RunningUmbel;

beforeAll(async () => {
  server = await startServer();
  mesh = await connect({ servers: server.url });
  const start = (name: string): RunningUmbel =>
    startUmbel(["worker", HANDLERS, "--name", name, "--server", server.url, "--queues", "sums"]);
  [one, two] = [start("sums-1"), start("sums-2")];
  await Promise.all([one.says("worker.started"), two.says("worker.started")]);
});

afterAll(async () => {
  await Promise.all([one?.[Symbol.asyncDispose](), two?.[Symbol.asyncDispose]()]);
  await mesh?.close();
  await server?.stop();
});

function run(...args: readonly string[]): Promise<Finished> {
  return umbelHere(args, { UMBEL_SERVER: server.url });
}

describe("looking at workers", () => {
  test("workers list and show tell what is known of them, for people and programs", async () => {
    await (await mesh.enqueue(add, [1, 2])).result({ timeout: "20s" });
    const list = await run("workers", "list");
    expect(list).toMatchObject({ code: 0, err: "" });
    const [head, first, second] = list.out.split("\n");
    expect(head).toMatch(/^worker +state +slots +held +done +failed +loop +memory +up +queues$/);
    expect(first).toMatch(/^sums-1 +running +0\/50 +0 +\d+ +0 +\d+ % +[\d.]+ MB +.* sums$/);
    expect(second).toMatch(/^sums-2 +running/);
    const { workers } = parseLine((await run("workers", "list", "--state", "running", "--json")).out);
    expect(workers).toMatchObject([{ name: "sums-1", startedAt: expect.stringMatching(/Z$/) }, {}]);
    const shown = await run("workers", "show", "sums-2");
    expect(shown.out).toMatch(/^name +sums-2$/m);
    expect(shown.out).toMatch(/^tasks +.*math\.add/m);
  });

  test("workers ping and inspect ask them", async () => {
    const ping = await run("workers", "ping");
    expect(ping.code).toBe(0);
    expect(ping.out).toMatch(/^sums-1 {2}answered in \d+ ms\n.*\nsums-2 {2}answered in/);
    const registered = await run("inspect", "registered_tasks", "--worker", "sums-1", "--json");
    expect(parseLine(registered.out)).toMatchObject({
      verb: "registered",
      workers: [
        {
          name: "sums-1",
          source: "live",
          value: expect.arrayContaining([
            { name: "math.add", queue: "default", runsOn: "loop", maxAttempts: 3 },
          ]),
        },
      ],
    });
    expect((await run("inspect", "active")).out).toMatch(/sums-1 {2}answered in .*\n {2}nothing\n/);
    expect((await run("inspect", "conf", "--worker", "sums-2")).out).toContain("ackWaitMs");
  });

  test("what is called wrongly ends with 2 and says what is meant", async () => {
    const wrong = async (...args: readonly string[]): Promise<string> => {
      const { code, out, err } = await run(...args);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      return err;
    };
    const [verb, name, more, nobody, rate, state] = await Promise.all([
      wrong("inspect", "activ"),
      wrong("workers", "show", "sums-3"),
      wrong("inspect", "query"),
      wrong("control", "drain", "--yes"),
      wrong("control", "rate-limit", "math.add", "5/d", "--all"),
      wrong("workers", "list", "--state", "running,dead"),
    ]);
    expect(verb).toContain('Did you mean "active"?');
    expect(name).toContain('Did you mean "sums-1"?');
    expect(more).toContain("<ids...>");
    expect(nobody).toContain("--worker <a,b> or --all");
    expect(rate).toContain('"100/s"');
    expect(state).toContain("silent");
    expect((await mesh.workers.list()).map(({ state: at }) => at)).toEqual(["running", "running"]);
  });
});

describe("telling workers", () => {
  test("control limits and drains, workers undrains and ends one of two, and audit tells who did", async () => {
    const limited = await run("control", "rate_limit", "math.add", "100/s", "--all", "--by", "ada");
    expect(limited).toMatchObject({ code: 0, err: "" });
    expect(limited.out).toMatch(/^sums-1: rate-limit {2}task math\.add, rate 100\/s\nsums-2: rate-limit/);
    const asked = await run("workers", "drain", "sums-1");
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining("Tell sums-1: drain?") });
    expect((await run("workers", "drain", "sums-1", "--yes")).out).toBe("sums-1: drain  held 0\n");
    expect((await run("workers", "list", "--state", "draining")).out).toContain("sums-1");
    expect(await (await mesh.enqueue(add, [3, 4])).result({ timeout: "20s" })).toBe(7);
    expect((await run("workers", "undrain", "sums-1")).code).toBe(0);
    const refused = await run("control", "remove-queue", "mail", "--worker", "sums-1", "--yes");
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toMatch(/^sums-1: refused .*sums/);
    expect((await run("workers", "resize", "sums-2", "--concurrency", "7")).out).toContain("slots 7");
    expect((await run("workers", "shutdown", "sums-1", "--yes")).code).toBe(0);
    expect((await one.finished).code).toBe(0);
    expect((await mesh.workers.list()).map(({ name }) => name)).toEqual(["sums-2"]);
    const audit = await run("audit");
    expect(audit.out).toMatch(
      / ada via \S+ +worker\.rate-limit +done +workers=all task=math\.add rate=100\/s/,
    );
    expect(audit.out).toMatch(/\S+@\S+ +worker\.remove-queue +failed /);
    const { entries } = parseLine((await run("audit", "--action", "worker.shutdown", "--json")).out);
    expect(entries).toMatchObject([
      { action: "worker.shutdown", outcome: "done", who: { connection: "umbel-cli" } },
    ]);
  });

  test("control cancels, terminates and pauses by Celery's words", async () => {
    const run1 = await mesh.enqueue(add, [1], { delay: "1h" });
    expect((await run("control", "revoke", run1.id, "--reason", "no use")).out).toBe("1 run is cancelled\n");
    const run2 = await mesh.enqueue(add, [1], { delay: "1h" });
    expect((await run("control", "terminate", run2.id, "--yes")).code).toBe(0);
    expect(await run2.state()).toBe("cancelled");
    expect((await run("control", "pause-queue", "sums")).out).toContain("paused");
    expect((await run("control", "resume-queue", "sums")).out).toContain("open");
  });
});
