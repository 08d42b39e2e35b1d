import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { umbel } from "./helpers/umbel.ts";

let server: LocalServer;
beforeAll(async () => {
  server = await startServer({ monitor: true });
});
afterAll(() => server.stop());

const streams = async (): Promise<unknown> => (await fetch(`${server.monitorUrl}/jsz`)).json();

test("a verification of someone's server tells what it did, and leaves nothing behind", async () => {
  const args = ["verify", "--server", server.url, "--for", "6s", "--seed", "1", "--rate", "20"];
  const { code, out, err } = await umbel([
    ...args,
    "--faults",
    "worker-kill,cut,server-kill",
    "--yes",
    "--json",
  ]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const report = parseLine(out);
  expect(report).toMatchObject({ seed: 1, violations: [] });
  // Its servers are not ours to kill.
  expect(JSON.stringify(report["faults"])).not.toContain("server-kill");
  expect(JSON.stringify(report["faults"])).toContain("worker-kill");
  expect(await streams()).toMatchObject({ streams: 0 });
});

test.each([
  [["--yes", "--faults", "flood"], "--faults"],
  [["--yes", "--mesh", "umbel"], "--mesh"],
  [[], "--yes"],
])("%j is a wrong call: nothing is done", async (flags, named) => {
  const { code, err } = await umbel(["verify", "--server", server.url, ...flags]);
  expect(code).toBe(2);
  expect(err).toContain(named);
  expect(await streams()).toMatchObject({ streams: 0 });
});
