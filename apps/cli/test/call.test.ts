import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { eventually } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";
import { startUmbel, umbel, type Finished, type RunningUmbel, type UmbelOptions } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;

let server: LocalServer;
let worker: RunningUmbel;

beforeAll(async () => {
  server = await startServer();
  worker = startUmbel(["worker", HANDLERS, "--server", server.url]);
  await worker.says("worker.started");
});

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await server?.stop();
});

function run(args: readonly string[], options: UmbelOptions = {}): Promise<Finished> {
  return umbel(args, { ...options, env: { UMBEL_SERVER: server.url, ...options.env } });
}

describe("umbel call", () => {
  test("tells the run id and what the acknowledgement means", async () => {
    const { code, out, err } = await run(["call", "math.add", "--input", "[1,2]"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^run {5}\w+\nstored {2}on disk, 1 copy: survives a restart of the server, not its loss\n$/,
    );
    const asJson = await run(["call", "math.add", "--input", "[1,2]", "--json"]);
    expect(parseLine(asJson.out)).toMatchObject({
      runId: expect.any(String),
      receipt: { storage: "file", replicas: 1, survives: ["server-restart"], existed: false },
    });
  });

  test("with --wait writes the result alone to standard output", async () => {
    const { code, out, err } = await run(["call", "math.add", "--input", "[1,2]", "--wait"]);
    expect({ code, out }).toEqual({ code: 0, out: "3\n" });
    expect(err).toMatch(/^run {5}/);
  });

  test("with --wait --json writes one line about the run", async () => {
    const { code, out, err } = await run(["call", "math.add", "--input", "[1,2]", "--wait", "20s", "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(parseLine(out)).toMatchObject({
      state: "succeeded",
      task: "math.add",
      attempt: 1,
      result: 3,
      errors: [],
    });
  });

  test("keeps the types that JSON has no word for, there and back", async () => {
    const input =
      '{"at":{"$date":"2027-01-01T00:00:00.000Z"},"n":{"$bigint":"12345678901234567890"},"b":{"$bytes":"AAE="}}';
    const { out } = await run(["call", "echo", "--input", input, "--wait", "20s"]);
    expect(JSON.parse(out)).toEqual(JSON.parse(input));
  });

  test("reads its input from a file, from standard input, or passes none", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "in.json"), "[20, 22]");
    const fromFile = await run(["call", "math.add", "--input", "@in.json", "--wait"], { cwd: folder.path });
    expect(fromFile.out).toBe("42\n");
    const piped = await run(["call", "math.add", "--input", "-", "--wait"], { input: "[2,\n3]\n" });
    expect(piped.out).toBe("5\n");
    expect((await run(["call", "echo", "--wait"])).out).toBe("null\n");
  });

  test("with a run that fails ends with 1 and shows every attempt", async () => {
    const { code, out, err } = await run(["call", "fail", "--wait", "20s"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/state +failed \(exhausted, in the dead letters\)/);
    expect(err).toMatch(/attempt +2/);
    expect(err.match(/RangeError: out of range/g)).toHaveLength(2);
    expect(err).toContain("caused by Error: the reason");
    const asJson = await run(["call", "fail", "--wait", "20s", "--max-attempts", "1", "--json"]);
    expect(asJson.code).toBe(1);
    expect(parseLine(asJson.out)).toMatchObject({
      state: "failed",
      attempt: 1,
      errors: [{ attempt: 1, name: "RangeError", message: "out of range" }],
    });
  });

  test("passes headers, id and time of start on", async () => {
    const flags = ["--header", "tenant=acme", "--header", "x-note=a=b", "--wait"];
    expect(JSON.parse((await run(["call", "headers", ...flags])).out)).toEqual({
      tenant: "acme",
      "x-note": "a=b",
    });
    const chosen = ["call", "echo", "--id", "once", "--delay", "1h", "--json"];
    expect(parseLine((await run(chosen)).out)).toMatchObject({ runId: "once", receipt: { existed: false } });
    expect(parseLine((await run(chosen)).out)).toMatchObject({ runId: "once", receipt: { existed: true } });
    const { out } = await run(["result", "once"]);
    expect(out).toMatch(/state +scheduled/);
    expect(out).toMatch(/due .*\(in 59 min/);
  });

  test("gives up waiting when the time is over, and says how to go on", async () => {
    const { code, err } = await run(["call", "sleep-long", "--wait", "200ms"]);
    expect(code).toBe(1);
    expect(err).toMatch(/error: no outcome of run (\w+) within 200 ms.*\numbel result \1 --wait\n$/);
  });

  test("stops waiting on Ctrl-C and leaves the run alone", async () => {
    await using call = startUmbel([
      "call",
      "sleep-long",
      "--id",
      "left-alone",
      "--wait",
      "--server",
      server.url,
    ]);
    await call.says("stored");
    await eventually("the run is executed", async () => {
      const { out } = await run(["result", "left-alone"]);
      return out.includes("left-alone");
    });
    call.signal("SIGINT");
    expect(await call.finished).toMatchObject({ code: 130, err: expect.stringContaining("the run goes on") });
    expect((await run(["result", "left-alone"])).code).toBe(0);
  });

  test("warns about a queue that nobody serves, and enqueues all the same", async () => {
    const { code, err } = await run(["call", "math.add", "--queue", "nobodys"]);
    expect(code).toBe(0);
    expect(err).toContain('warning: no worker has ever served the queue "nobodys". Served are: ');
    expect(err).toContain("default");
  });

  test("names the flag of a value that is refused", async () => {
    const { code, err } = await run(["call", "math.add", "--at", "tomorrow"]);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: --at: expected .*ISO 8601 text with a zone/);
    expect((await run(["call", "math.add", "--id", "a b"])).err).toMatch(/^error: --id: /);
    expect((await run(["call", "math.add", "--header", "Nats-X=1"])).err).toMatch(/^error: --header: /);
  });
});

describe("umbel result", () => {
  test("shows a run that has ended, for people and for programs", async () => {
    await run(["call", "math.add", "--input", "[1]", "--id", "ended", "--wait"]);
    const { code, out } = await run(["result", "ended"]);
    expect(code).toBe(0);
    for (const line of [
      /^run +ended$/m,
      /^state +succeeded$/m,
      /^task +math\.add$/m,
      /^finished .*\(took /m,
      /^result +1$/m,
    ])
      expect(out).toMatch(line);
    const asJson = parseLine((await run(["result", "ended", "--json"])).out);
    expect(asJson).toMatchObject({ runId: "ended", state: "succeeded", result: 1 });
    expect(new Date(String(asJson["finishedAt"])).getTime()).toBeGreaterThan(0);
  });

  test("waits for a run that was enqueued elsewhere", async () => {
    await run(["call", "nap", "--input", "500", "--id", "napping"]);
    const { code, out } = await run(["result", "napping", "--wait", "20s"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^result +"rested"$/m);
  });

  test("ends with 1 for a run that failed", async () => {
    await run(["call", "fail", "--id", "failed", "--wait"]);
    const { code, out } = await run(["result", "failed"]);
    expect(code).toBe(1);
    expect(out).toContain("RangeError: out of range");
  });

  test.each([["--wait"], ["--json"], []])(
    "ends with 1 for an id that nobody knows (%s)",
    async (...flags) => {
      const { code, out, err } = await run(["result", "nobody-knows", ...flags]);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toContain("run nobody-knows is not known");
    },
  );

  test("says that a mesh which does not exist does not exist", async () => {
    const { code, err } = await run(["result", "any", "--mesh", "nowhere"]);
    expect(code).toBe(1);
    expect(err).toContain("NOWHERE_TASKS does not exist");
  });
});
