import { connect, defineTask, type Mesh, type RunHandle } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { Screen } from "./helpers/screen.ts";
import { MAIN, startUmbel, umbel, type Finished } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;
const fail = defineTask({ name: "fail" });
const sleepLong = defineTask<null, string>({ name: "sleep-long", queue: "naps" });

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

function purge(...args: readonly string[]): Promise<Finished> {
  return umbel(["queues", "purge", ...args], { env: { UMBEL_SERVER: server.url } });
}

function waiting(queue: string, many: number): Promise<RunHandle<unknown>[]> {
  return mesh.enqueueMany(fail, Array.from({ length: many }), { queue });
}

describe("umbel queues purge", () => {
  test("cancels what waits and tells those who wait for it, and leaves alone what runs", async () => {
    const flags = ["--queues", "naps", "--concurrency", "1", "--server", server.url];
    await using worker = startUmbel(["worker", HANDLERS, ...flags]);
    await mesh.enqueue(sleepLong, null, { runId: "held" });
    await worker.says("sleep.began");
    const [first] = await waiting("naps", 3);
    await mesh.enqueue(sleepLong, null, { delay: "1h" });
    const outcome = first?.result({ timeout: "30s" }).catch((error: unknown) => error);
    const { code, out } = await purge("naps", "--yes", "--json", "--by", "ada");
    expect({ code, told: parseLine(out) }).toEqual({
      code: 0,
      told: {
        queue: "naps",
        found: { waiting: 3, scheduled: 1, retrying: 0, running: 1, total: 4, complete: true },
        cancelled: 4,
        ended: 0,
      },
    });
    expect(await outcome).toMatchObject({ code: "run_cancelled" });
    expect(await first?.info()).toMatchObject({ reason: "the queue was purged", by: "ada" });
    expect(await mesh.run("held").state()).toBe("running");
    expect(await purge("naps")).toEqual({ code: 0, out: "0 runs are cancelled in naps\n", err: "" });
  });

  test("asks where somebody can be asked, with what it has found", async () => {
    await waiting("asked", 300);
    const command = [process.execPath, "--conditions=source", MAIN, "queues", "purge", "asked"];
    await using screen = await Screen.start({ command, cwd: "/", env: { UMBEL_SERVER: server.url } });
    await screen.shows("In asked 300 runs wait. Cancel all that wait? [y/N]");
    await screen.press("y", "Enter");
    await screen.shows("300 runs are cancelled in asked");
    expect(await screen.text()).not.toContain("[####");
  });

  test("without --yes where nobody can be asked, and of queues that nobody knows: 2, and nothing is changed", async () => {
    const [run] = await waiting("media", 1);
    expect(await purge("media")).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--yes: .* The question is: In media 1 run waits\. Cancel all that wait\?/),
    });
    expect(await purge("medi", "--yes")).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean "media"?'),
    });
    expect((await purge("a b", "--yes")).code).toBe(2);
    expect(await run?.state()).toBe("queued");
  });
});
