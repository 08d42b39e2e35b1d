import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { startUmbel, umbel, type RunningUmbel } from "./helpers/umbel.ts";

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

describe("umbel events", () => {
  test("shows what has happened and what happens, until Ctrl-C", async () => {
    await using shown = startUmbel(["events", "--since", "1h", "--server", server.url]);
    await shown.says("worker.started");
    await umbel(["call", "math.add", "--input", "[1,2]", "--id", "sum", "--server", server.url]);
    await shown.says("run.succeeded");
    shown.signal("SIGINT");
    const { code, out, err } = await shown.finished;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      / {2}run\.enqueued {2}runId=sum task=math\.add queue=default priority=normal {2}client \w+\n/,
    );
    expect(out).toMatch(/ {2}run\.succeeded {2}runId=sum .*attempt=1 .*durationMs=\d+ms {2}worker \S+\n/);
  });

  test("chooses by type and run, and writes JSON", async () => {
    await umbel(["call", "math.add", "--input", "[1,2]", "--id", "other", "--server", server.url]);
    const flags = ["--type", "run.succeeded,run.failed", "--run", "other", "--json", "--since", "1h"];
    await using shown = startUmbel(["events", ...flags, "--server", server.url]);
    await shown.says("other");
    shown.signal("SIGTERM");
    const { out } = await shown.finished;
    expect(parseLine(out)).toMatchObject({ v: 1, type: "run.succeeded", runId: "other", task: "math.add" });
  });

  test("says which types there are", async () => {
    const { code, out, err } = await umbel(["events", "--type", "run.suceeded", "--server", server.url]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain('Did you mean "run.succeeded"?');
  });
});
