import { freePort } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { umbel } from "./helpers/umbel.ts";

test("without a command the help is shown, and it counts as called wrongly", async () => {
  const { code, out, err } = await umbel([]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("Usage: umbel");
});

test("help and version are what they are asked for", async () => {
  expect(await umbel(["call", "--help"])).toMatchObject({
    code: 0,
    err: "",
    out: expect.stringContaining("umbel call"),
  });
  expect(await umbel(["--version"])).toMatchObject({
    code: 0,
    err: "",
    out: expect.stringMatching(/^umbel \d+\.\d+\.\d+\n$/),
  });
});

describe("called wrongly: exit code 2 and no stack trace", () => {
  test.each([
    [["server", "--prot", "1"], "unknown option '--prot'. Did you mean --port?"],
    [["--json", "doctor"], "Flags come after the command: umbel <command> --json"],
    [["call", "no spaces"], "<task>: expected a task name"],
    [["call", "a", "--input", "@/no/such/file"], "--input: expected a readable file"],
    [["result", "not an id"], "<id>: expected a run id"],
    [["doctor", "--server", "http://x"], '--server: expected server URLs like "nats://127.0.0.1:4222"'],
    [["server", "--sync", "often", "--store", "unused"], '--sync: expected "always" or a duration'],
  ])("umbel %j", async (args, message) => {
    const { code, out, err } = await umbel(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe("no server: exit code 3", () => {
  test.each([
    ["call", "math.add"],
    ["worker", new URL("./fixtures/handlers.ts", import.meta.url).pathname],
  ])("umbel %s", async (...args) => {
    const server = `nats://127.0.0.1:${await freePort()}`;
    const { code, err } = await umbel([...args, "--server", server]);
    expect(code).toBe(3);
    expect(err).toContain(`cannot connect to ${server}: connection refused`);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test("for programs, as JSON; the address may come from the environment", async () => {
    const server = `nats://127.0.0.1:${await freePort()}`;
    const { code, err, out } = await umbel(["doctor"], { env: { UMBEL_SERVER: server, UMBEL_JSON: "1" } });
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(parseLine(err)).toMatchObject({ error: { code: "cannot_connect", details: { servers: server } } });
  });

  test("with UMBEL_DEBUG the stack is shown", async () => {
    const server = `nats://127.0.0.1:${await freePort()}`;
    const { code, err } = await umbel(["result", "some-run", "--server", server], {
      env: { UMBEL_DEBUG: "1" },
    });
    expect(code).toBe(3);
    expect(err).toMatch(/^\s+at /m);
  });
});
