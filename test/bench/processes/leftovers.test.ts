import { createServer } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { Leftovers } from "./leftovers.ts";

// The test runner has timers of its own.
async function listOwn(leftovers: Leftovers): Promise<readonly string[]> {
  const all = await leftovers.list();
  return all.filter((line) => line.includes("leftovers.test") || line.includes("SIGUSR2"));
}

test("a timer that was never cleared is found, even one that keeps nothing alive", async () => {
  const leftovers = new Leftovers();
  const timer = setInterval(() => undefined, 60_000).unref();
  expect(await listOwn(leftovers)).toEqual([expect.stringContaining("Timeout")]);
  clearInterval(timer);
  expect(await listOwn(leftovers)).toEqual([]);
});

test("a listener of the process is found until it is removed", async () => {
  const leftovers = new Leftovers();
  const listener = (): void => undefined;
  process.on("SIGUSR2", listener);
  expect(await listOwn(leftovers)).toContain("listener of SIGUSR2");
  process.off("SIGUSR2", listener);
  expect(await listOwn(leftovers)).toEqual([]);
});

test("what was there before does not count", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const timer = setInterval(() => undefined, 60_000);
  const leftovers = new Leftovers();
  expect(await listOwn(leftovers)).toEqual([]);
  clearInterval(timer);
  server.close();
});
