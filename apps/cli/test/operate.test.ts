import { connect, defineTask, type Mesh, type RunHandle } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { eventually } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { startUmbel, umbel, type Finished, type RunningUmbel } from "./helpers/umbel.ts";

const HANDLERS = new URL("./fixtures/handlers.ts", import.meta.url).pathname;
const add = defineTask<readonly unknown[], number>({ name: "math.add" });
const fail = defineTask({ name: "fail" });

let server: LocalServer;
let worker: RunningUmbel;
let mesh: Mesh;

beforeAll(async () => {
  server = await startServer();
  worker = startUmbel(["worker", HANDLERS, "--server", server.url]);
  await worker.says("worker.started");
  mesh = await connect({ servers: server.url });
});

afterAll(async () => {
  await mesh?.close();
  await worker?.[Symbol.asyncDispose]();
  await server?.stop();
});

function run(...args: readonly string[]): Promise<Finished> {
  return umbel(args, { env: { UMBEL_SERVER: server.url } });
}

/** A run that waits where no worker serves it. */
function waiting(tag: string): Promise<RunHandle<number>> {
  return mesh.enqueue(add, [1, 2], { queue: "unserved", tags: [tag] });
}

/** A run that has died. */
async function dead(tag: string): Promise<string> {
  const { id } = await mesh.enqueue(fail, undefined, { tags: [tag], retry: { maxAttempts: 1 } });
  await eventually("it has a letter", async () =>
    (await mesh.deadLetters.list({ tag })).letters.some(({ runId }) => runId === id),
  );
  return id;
}

describe("umbel runs", () => {
  test("lists runs, and says when there are none", async () => {
    const { id } = await waiting("listed");
    const { code, out, err } = await run("runs", "--tag", "listed", "--state", "queued");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`${id}  queued  math.add  unserved`);
    expect(out).toMatch(/^run +state +task +queue +attempt +when +tags\n/);
    const none = await run("runs", "--tag", "nothing-has-it");
    expect(none).toEqual({ code: 0, out: "", err: "No runs match.\n" });
  });

  test("with --json, page by page", async () => {
    const ids = (await Promise.all([1, 2, 3].map(() => waiting("paged")))).map(({ id }) => id);
    const first = await run("runs", "--tag", "paged", "--limit", "2", "--json");
    const page = parseLine(first.out);
    expect(page).toMatchObject({ runs: [{ state: "queued" }, {}], after: expect.any(String) });
    const rest = await run("runs", "--tag", "paged", "--json", "--after", String(Reflect.get(page, "after")));
    const text = first.out + rest.out;
    for (const id of ids) expect(text.split(id)).toHaveLength(2);
  });

  test.each([
    [["--state", "quued"], /--state: expected one of .* Did you mean "queued"/],
    [["--since", "yesterday"], /--since: expected/],
    [["--limit", "0"], /Expected a whole number from 1 to 1000/],
    [["--after", "zzz"], /--after: expected/],
    [["--queue", "a b"], /--queue: expected/],
  ])("called with %j ends with 2", async (flags, message) => {
    const { code, err } = await run("runs", ...flags);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
  });
});

describe("umbel cancel", () => {
  test("cancels by ids, and tells what it could not", async () => {
    const { id } = await waiting("by-id");
    const { code, out, err } = await run("cancel", id, "nobody", "--reason", "over", "--by", "ada");
    expect({ code, out }).toEqual({ code: 1, out: "1 run is cancelled\n" });
    expect(err).toContain("not known: nobody");
    expect(await mesh.run(id).info()).toMatchObject({ state: "cancelled", reason: "over", by: "ada" });
    expect((await run("cancel", id)).code).toBe(0);
  });

  test("cancels all that match with --yes, and asks without it", async () => {
    const runs = await Promise.all([1, 2, 3].map(() => waiting("by-tag")));
    const other = await waiting("kept");
    const asked = await run("cancel", "--tag", "by-tag", "--queue", "unserved");
    expect(asked).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--yes: .*Cancel every run with queue "unserved", tag "by-tag"\?/),
    });
    expect(await runs[0]?.state()).toBe("queued");
    const { code, out } = await run("cancel", "--tag", "by-tag", "--yes", "--json");
    expect({ code, summary: parseLine(out) }).toMatchObject({ code: 0, summary: { cancelled: 3 } });
    expect(await runs[2]?.info()).toMatchObject({ state: "cancelled", by: expect.any(String) });
    expect(await other.state()).toBe("queued");
  });

  test.each([
    [[], /neither ids nor a filter/],
    [["some-id", "--queue", "q"], /ids and a filter/],
    [["a.b"], /<id>: expected a run id/],
    [["--state", "succeeded", "--yes"], /--state: expected states of runs that have not ended/],
    [["--quue", "q"], /Did you mean --queue/],
  ])("called with %j ends with 2", async (args, message) => {
    const { code, err } = await run("cancel", ...args);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
  });
});

describe("umbel dead", () => {
  test("lists dead letters, groups them, and shows one", async () => {
    const id = await dead("shown");
    const listed = await run("dead", "list", "--tag", "shown");
    expect(listed).toMatchObject({
      code: 0,
      err: "",
      out: expect.stringContaining(`${id}  fail  default  exhausted`),
    });
    const grouped = await run("dead", "list", "--task", "fail", "--group", "--json");
    expect(parseLine(grouped.out)).toMatchObject({
      groups: [{ count: expect.any(Number), fingerprint: expect.any(String) }],
    });
    expect((await run("dead", "list", "--group")).out).toMatch(/^letters +kind +first/);
    const shown = await run("dead", "show", id);
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toMatch(new RegExp(`^run +${id}\n`));
    expect(shown.out).toMatch(/\nattempt +failed at +error\n1 /);
    const asJson = parseLine((await run("dead", "show", id, "--json")).out);
    expect(asJson).toMatchObject({ runId: id, reason: "exhausted", input: null, errors: [{ attempt: 1 }] });
    expect(await run("dead", "show", "nobody")).toMatchObject({
      code: 1,
      err: expect.stringContaining("no dead letter"),
    });
  });

  test("redrives one, with another input and into another queue", async () => {
    const id = await dead("one");
    const { code, out, err } = await run("dead", "redrive", id, "--input", "[1]", "--to-queue", "unserved");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(await mesh.run(out.trim()).info()).toMatchObject({
      state: "queued",
      queue: "unserved",
      task: "fail",
    });
    expect(await run("dead", "redrive", id)).toMatchObject({ code: 1 });
  });

  test("redrives and discards all that match with --yes only", async () => {
    await Promise.all([dead("many"), dead("many")]);
    const asked = await run("dead", "redrive", "--tag", "many");
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining("Redrive every dead letter") });
    const redriven = await run(
      "dead",
      "redrive",
      "--tag",
      "many",
      "--to-queue",
      "unserved",
      "--rate",
      "50/s",
      "--yes",
    );
    expect(redriven).toEqual({ code: 0, out: "2 dead letters are redriven\n", err: "" });

    const ids = await Promise.all([dead("thrown"), dead("thrown")]);
    const refused = await run("dead", "discard", ids[0] ?? "");
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringContaining("Discard 1 dead letter for good?"),
    });
    expect((await mesh.deadLetters.list({ tag: "thrown" })).letters).toHaveLength(2);
    const one = await run("dead", "discard", ids[0] ?? "", "nobody", "--yes", "--json");
    expect({ code: one.code, summary: parseLine(one.out) }).toMatchObject({
      code: 1,
      summary: { done: 1, missing: 1, missingIds: ["nobody"] },
    });
    const rest = await run("dead", "discard", "--tag", "thrown", "--yes");
    expect(rest).toEqual({ code: 0, out: "1 dead letter is discarded\n", err: "" });
  });

  test.each([
    [["list", "--reason", "exhuasted"], /--reason: expected .* Did you mean "exhausted"/],
    [["list", "--fingerprint", "xyz"], /--fingerprint: expected/],
    [["redrive"], /neither ids nor a filter/],
    [["redrive", "a", "b", "--input", "1"], /--input: expected one id/],
    [["redrive", "--all", "--rate", "fast"], /Expected a rate such as/],
    [["redrive", "a", "--input", "{"], /--input/],
    [["discard", "--all", "--tag", "x", "--yes"], /all: true alone/],
    [["lst"], /Did you mean list/],
  ])("called with %j ends with 2, and nothing is changed", async (args, message) => {
    const { code, err } = await run("dead", ...args);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
  });

  test("without a server ends with 3", async () => {
    for (const command of [["runs"], ["cancel", "a"], ["dead", "list"]]) {
      const { code } = await umbel([...command, "--server", "nats://127.0.0.1:1"]);
      expect(code).toBe(3);
    }
  });
});
