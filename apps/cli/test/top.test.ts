import { connect, defineTask, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Screen } from "./helpers/screen.ts";
import { MAIN, startUmbel, umbel, type RunningUmbel } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;
const add = defineTask<readonly number[], number>({ name: "math.add" });
const sleepLong = defineTask<null, string>({ name: "sleep-long" });
const fail = defineTask({ name: "fail" });

let server: LocalServer;
let worker: RunningUmbel;
let mesh: Mesh;

beforeAll(async () => {
  server = await startServer();
  worker = startUmbel([
    "worker",
    HANDLERS,
    "--name",
    "alpha",
    "--queues",
    "default,sums",
    "--server",
    server.url,
  ]);
  await worker.says("worker.started");
  mesh = await connect({ servers: server.url });
  await mesh.enqueue(sleepLong, null, { runId: "long-one" });
  await mesh.enqueue(fail, undefined, { runId: "dead-one", retry: { maxAttempts: 1 } });
  await mesh.enqueueMany(add, [[1], [2], [3]], { queue: "unserved" });
  await worker.says("sleep.began");
});

afterAll(async () => {
  await mesh?.close();
  await worker?.[Symbol.asyncDispose]();
  await server?.stop();
});

// In a shell, as people start it: what the terminal is like afterwards matters too.
function start(...flags: readonly string[]): Promise<Screen> {
  const top = [process.execPath, "--conditions=source", MAIN, "top", "--interval", "200ms", ...flags];
  const command = ["sh", "-c", '"$@"; echo "ended with $?"; cat', "sh", ...top];
  return Screen.start({ command, cwd: "/", env: { UMBEL_SERVER: server.url } });
}

/** It has ended with `code`, and the terminal is as it was. */
async function hasLeft(screen: Screen, code: number): Promise<void> {
  await screen.shows(`ended with ${code}`);
  expect(await screen.know("#{cursor_flag} #{alternate_on} #{wrap_flag}")).toBe("1 0 1");
}

describe("umbel top, in a real terminal", () => {
  test("shows queues, workers, runs and dead letters", async () => {
    await using screen = await start();
    await screen.shows(/unserved +3 +0 +0 +0 .*open/);
    await screen.shows(/alpha +running +1\/50/);
    await screen.shows(/long-one +sleep-long +default +1 /);
    const text = await screen.shows(/dead-one +fail +default .*RangeError: out of range/);
    expect(text).toMatch(/^umbel top {2}umbel at nats:/);
    expect(await screen.know("#{cursor_flag} #{alternate_on}")).toBe("0 1");
    await screen.press("q");
    await hasLeft(screen, 0);
  });

  test("keys sort, filter, help, and pause a queue", async () => {
    await using screen = await start();
    await screen.shows("long-one");
    await screen.press("s");
    await screen.shows("sorted by waiting");
    await screen.shows(/QUEUE.*\n +unserved/);
    await screen.press("?");
    await screen.shows("Any key goes back.");
    await screen.press("x", "/");
    await screen.type("unser");
    await screen.press("Enter");
    await screen.shows(/sorted by waiting, filter: unser /);
    expect(await screen.shows("nothing runs")).not.toContain("long-one");
    await screen.press("Down", "p");
    await screen.shows("pause the queue unserved? y/n");
    await screen.press("y");
    await screen.shows(/> +unserved .* paused .* ago, by /);
    expect(await mesh.queues.get("unserved")).toMatchObject({ paused: { by: expect.any(String) } });
    await screen.press("p", "y");
    await screen.shows(/> +unserved .* open/);
    await screen.press("C-c");
    await hasLeft(screen, 0);
  });

  test("follows the size of the terminal, down to one that is too small", async () => {
    await using screen = await start();
    await screen.shows("long-one");
    await screen.resize(60, 12);
    const small = await screen.shows(/^umbel top .*\d\d:\d\d:\d\d\n/);
    expect(small.split("\n").length).toBeLessThanOrEqual(13);
    await screen.resize(30, 5);
    expect(await screen.shows("needs 40x8, q quits")).not.toContain("long-one");
    await screen.resize(140, 40);
    await screen.shows(/dead-one +fail .*RangeError/);
    await screen.press("q");
    await hasLeft(screen, 0);
  });

  test("says that the connection is lost, and goes on when it is back", async () => {
    await using screen = await start();
    await screen.shows("long-one");
    await server.kill();
    const lost = await screen.shows(/connection lost .* ago, trying again: this is .* old/);
    expect(lost).toContain("long-one");
    await server.restart();
    await screen.shows(/\d waiting {3}\d+ held/);
    await server.kill();
    await screen.shows("connection lost");
    await screen.press("q");
    await hasLeft(screen, 0);
    await server.restart();
  });

  test("needs a terminal, a server, and a patient interval", async () => {
    expect(await umbel(["top"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("expected a terminal"),
    });
    expect(await umbel(["top", "--interval", "1ms"])).toMatchObject({ code: 2 });
    await using screen = await start("--server", "nats://127.0.0.1:1");
    await screen.shows("UMBEL_SERVER names another address");
    await hasLeft(screen, 3);
  });
});
