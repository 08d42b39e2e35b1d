import type { DeadLetterInfo } from "@umbel/client";
import { encode, PROTOCOL_VERSION } from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { headers as natsHeadersOf } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { countLetters, letDie } from "../helpers/dead-letters.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { discard, fail, strict } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
let journal: Journal;
beforeAll(async () => {
  journal = await createJournal();
});
afterAll(() => journal[Symbol.asyncDispose]());

async function letters(mesh: TestMesh, count: number): Promise<void> {
  await mesh.eventually(`${count} letters`, async () => (await mesh.deadLetters()).length === count);
}

/** Publish something that no worker can read, and wait for its dead letter. */
async function publishNonsense(mesh: TestMesh, header: string, body: Uint8Array): Promise<string> {
  await using connection = await connectTo(mesh);
  const worker = await mesh.startWorker({ modules: [LOOP] });
  const headers = natsHeadersOf();
  headers.append("Umbel", header);
  connection.nats.publish(`${mesh.name}.T.default.n.test~quick.by-hand`, body, { headers });
  await connection.flush();
  await letters(mesh, 1);
  await worker.stop({ hurry: true });
  return "by-hand";
}

describe("dead letters are listed", () => {
  test("by queue, task, reason, tag and kind of error", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP], queues: ["default", "other"] });
    const input = { journal: journal.path };
    const { client } = mesh;
    const runs = [
      await client.enqueue(
        fail,
        { ...input, message: 'no user "ada"' },
        { tags: ["a"], retry: { maxAttempts: 1 } },
      ),
      await client.enqueue(fail, { ...input, message: 'no user "bob"' }, { retry: { maxAttempts: 2 } }),
      await client.enqueue(discard, input, { queue: "other" }),
      await client.enqueueByName(strict.name, { ...input, size: 0 }),
    ];
    await Promise.all(runs.map((run) => run.outcome(PATIENT)));
    await letters(mesh, 4);
    const [ada, bob, discarded, schema] = runs.map(({ id }) => id);
    const found = async (query: object): Promise<ReadonlySet<string>> =>
      new Set((await client.deadLetters.list(query)).letters.map(({ runId }) => runId));
    expect(await found({})).toEqual(new Set([ada, bob, discarded, schema]));
    expect(await found({ task: fail.name })).toEqual(new Set([ada, bob]));
    expect(await found({ queue: "other" })).toEqual(new Set([discarded]));
    expect(await found({ reason: "exhausted" })).toEqual(new Set([ada, bob]));
    expect(await found({ tag: "a" })).toEqual(new Set([ada]));
    expect(await found({ queue: "other", reason: "exhausted" })).toEqual(new Set());

    const { groups, after, scanned } = await client.deadLetters.groups();
    expect({ after, scanned, groups: groups.length }).toEqual({ after: undefined, scanned: 4, groups: 3 });
    expect(groups[0]).toMatchObject({ count: 2, name: "Error", message: 'no user "…"', tasks: [fail.name] });
    expect([ada, bob]).toContain(groups[0]?.runId);
    expect(groups[0]?.lastAt).toBeGreaterThanOrEqual(groups[0]?.firstAt ?? Infinity);
    expect(await found({ fingerprint: groups[0]?.fingerprint })).toEqual(new Set([ada, bob]));
    expect((await client.deadLetters.groups({ reason: "exhausted" })).groups).toHaveLength(1);
  });

  test("page by page, each once", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const ids = await letDie(mesh, journal.path, 25);
    const seen: DeadLetterInfo[] = [];
    let after: string | undefined;
    do {
      const page = await mesh.client.deadLetters.list({
        limit: 10,
        ...(after === undefined ? {} : { after }),
      });
      expect(page.letters.length).toBeLessThanOrEqual(10);
      seen.push(...page.letters);
      ({ after } = page);
    } while (after !== undefined);
    expect(seen.map(({ runId }) => runId).toSorted()).toEqual(ids.toSorted());
    expect(seen[0]).toEqual({
      runId: expect.any(String),
      queue: "default",
      task: discard.name,
      reason: "discarded",
      at: expect.any(Number),
      enqueuedAt: expect.any(Number),
      attempts: 1,
      starts: 1,
      error: { name: "DiscardRequest", message: "not wanted any more" },
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      tags: ["doomed"],
    });
    const rest = await mesh.client.deadLetters.groups({ scan: 20 });
    expect(rest).toMatchObject({ scanned: 20, groups: [{ count: 20 }], after: expect.any(String) });
  });

  test.each([
    [{ limit: 0 }, /^limit: expected a whole number from 1 to 1000/],
    [{ after: "x1" }, /^after: expected the "after" of a page/],
    [{ fingerprint: "abc" }, /^fingerprint: expected 16/],
    [{ task: "a b" }, /^task: /],
    [{ quue: "q" }, /Did you mean "queue"/],
  ])("but not by %j", async (query: object, message) => {
    await using mesh = await createTestMesh({ server: shared.url });
    expect(await rejection(mesh.client.deadLetters.list(query))).toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(message),
    });
  });
});

describe("one dead letter", () => {
  test("is shown with all that it holds", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path, message: "broken" };
    const run = await mesh.client.enqueue(fail, input, { headers: { tenant: "acme" } });
    await run.outcome(PATIENT);
    await letters(mesh, 1);
    const shown = await mesh.client.deadLetters.show(run.id);
    expect(shown).toMatchObject({
      runId: run.id,
      reason: "exhausted",
      errors: [{ attempt: 1 }, { attempt: 2 }, { attempt: 3, error: { stack: expect.any(String) } }],
      subject: `${mesh.name}.T.default.n.test~fail.${run.id}`,
      headers: { tenant: "acme" },
      input: { value: input },
    });
    expect(shown).not.toHaveProperty("obstacle");
    expect(await rejection(mesh.client.deadLetters.show("nobody"))).toMatchObject({ code: "run_unknown" });
  });

  test.each([
    { what: "whose header is nonsense", header: ";;;", body: encode(1), why: /no readable Umbel header/ },
    {
      what: "whose input is nonsense",
      header: `${PROTOCOL_VERSION};test.quick;1;me`,
      body: Buffer.from("{}"),
      why: /cannot be decoded/,
    },
  ])("$what is shown, not redriven, and can be discarded", async ({ header, body, why }) => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const { deadLetters } = mesh.client;
    const runId = await publishNonsense(mesh, header, body);
    const shown = await deadLetters.show(runId);
    expect(shown).toMatchObject({ reason: "undecodable", obstacle: expect.stringMatching(why) });
    expect(Buffer.from(shown.body ?? []).equals(body)).toBe(true);
    expect(await rejection(deadLetters.redrive(runId))).toMatchObject({
      code: "undecodable",
      message: expect.stringMatching(why),
    });
    expect(await deadLetters.redrive({ all: true })).toMatchObject({
      done: 0,
      refused: 1,
      refusals: [{ runId, why: expect.stringMatching(why) }],
    });
    expect(await countLetters(connection)).toBe(1);
    await deadLetters.discard(runId);
    expect(await countLetters(connection)).toBe(0);
  });

  test("whose input is nonsense can be redriven with another one", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const runId = await publishNonsense(mesh, `${PROTOCOL_VERSION};test.quick;1;me`, Buffer.from("{}"));
    const run = await mesh.client.deadLetters.redrive(runId, { input: 5 });
    await mesh.startWorker({ modules: [LOOP] });
    expect(await run.result(PATIENT)).toBe(5);
  });

  test("that nobody can read at all is listed, shown and discarded", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    connection.nats.publish(`${mesh.name}.D.q.t.strange`, Buffer.from("{}"));
    await connection.flush();
    await letters(mesh, 1);
    const { deadLetters } = mesh.client;
    expect((await deadLetters.list()).letters).toEqual([
      { runId: "strange", queue: "q", task: "t", fingerprint: expect.any(String) },
    ]);
    expect((await deadLetters.groups()).groups).toMatchObject([{ name: "unreadable", count: 1 }]);
    expect(await deadLetters.show("strange")).toMatchObject({ errors: [], obstacle: expect.any(String) });
    await deadLetters.discard("strange");
    expect(await countLetters(connection)).toBe(0);
  });
});

describe("dead letters are discarded", () => {
  test("by their ids and by a filter, and nothing else is", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const [first = "", second = "", ...others] = await letDie(mesh, journal.path, 20);
    const { deadLetters } = mesh.client;
    const progress: number[] = [];
    const some = await deadLetters.discard([first, second, first, "nobody"], {
      onProgress: ({ done }) => progress.push(done),
    });
    expect(some).toMatchObject({ done: 2, missing: 1, missingIds: ["nobody"] });
    expect(progress).toHaveLength(3);
    expect(await countLetters(connection)).toBe(18);
    expect(await deadLetters.discard({ task: "another" })).toMatchObject({ done: 0 });
    expect(await deadLetters.discard({ tag: "doomed" })).toMatchObject({ done: others.length });
    expect(await countLetters(connection)).toBe(0);
    expect(await rejection(deadLetters.discard(first))).toMatchObject({ code: "run_unknown" });
    expect(await rejection(Promise.try(() => deadLetters.discard({})))).toMatchObject({
      code: "invalid_argument",
    });
  });
});
