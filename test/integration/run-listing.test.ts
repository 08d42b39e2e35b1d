import type { Mesh, RunInfo, RunQuery } from "@umbel/client";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, fail, quick, rest, slowRetry } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
let journal: Journal;
beforeAll(async () => {
  journal = await createJournal();
});
afterAll(() => journal[Symbol.asyncDispose]());

/** All runs of a listing, page by page. */
async function listed(
  client: Mesh,
  query: RunQuery,
  onPage?: (runs: readonly RunInfo[]) => Promise<void>,
): Promise<readonly RunInfo[]> {
  const runs: RunInfo[] = [];
  let after: string | undefined;
  do {
    const page = await client.runs.list({ ...query, ...(after === undefined ? {} : { after }) });
    expect(page.runs.length).toBeLessThanOrEqual(query.limit ?? 100);
    runs.push(...page.runs);
    ({ after } = page);
    await onPage?.(page.runs);
  } while (after !== undefined);
  return runs;
}

/** One run in each state. */
async function oneOfEach(mesh: TestMesh): Promise<Readonly<Record<string, string>>> {
  const { client } = mesh;
  await mesh.startWorker({ modules: [LOOP] });
  const input = { journal: journal.path };
  const succeeded = await client.enqueue(quick, 1, { tags: ["done"] });
  const failed = await client.enqueue(fail, input, { retry: { maxAttempts: 1 } });
  const retrying = await client.enqueue(slowRetry, { ...input, failures: 1 });
  const running = await client.enqueue(rest, { ...input, ms: 60_000 });
  const scheduled = await client.enqueue(quick, 1, { delay: "1h" });
  const queued = await client.enqueue(echo, { ...input, value: 1 }, { queue: "unserved", tags: ["odd"] });
  const cancelled = await client.enqueue(quick, 1, { delay: "1h" });
  await cancelled.cancel();
  await Promise.all([succeeded, failed].map((run) => run.outcome(PATIENT)));
  await mesh.waitForState(retrying.id, "retrying");
  await mesh.eventually("it runs", () => journal.starts(running.id).length > 0);
  const runs = { succeeded, failed, retrying, running, scheduled, queued, cancelled };
  return Object.fromEntries(Object.entries(runs).map(([state, { id }]) => [state, id]));
}

test("runs are listed by state, queue, task, tag and time", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const { client } = mesh;
  const before = new Date();
  const ids = await oneOfEach(mesh);
  const all = await listed(client, {});
  expect(Object.fromEntries(all.map(({ state, runId }) => [state, runId]))).toEqual(ids);
  expect(all).toHaveLength(7);
  for (const state of [
    "succeeded",
    "failed",
    "retrying",
    "running",
    "scheduled",
    "queued",
    "cancelled",
  ] as const) {
    const runs = await listed(client, { state });
    expect(runs.map((run) => [run.state, run.runId])).toEqual([[state, ids[state]]]);
  }
  const found = async (query: RunQuery): Promise<ReadonlySet<string>> =>
    new Set((await listed(client, query)).map(({ state }) => state));
  expect(await found({ state: ["queued", "failed"] })).toEqual(new Set(["queued", "failed"]));
  expect(await found({ task: quick.name })).toEqual(new Set(["succeeded", "scheduled", "cancelled"]));
  expect(await found({ task: quick.name, state: "scheduled" })).toEqual(new Set(["scheduled"]));
  expect(await found({ queue: "unserved" })).toEqual(new Set(["queued"]));
  expect(await found({ tag: "done" })).toEqual(new Set(["succeeded"]));
  expect(await found({ tag: "odd", queue: "unserved", task: echo.name })).toEqual(new Set(["queued"]));
  expect(await found({ since: before })).toEqual(new Set(Object.keys(ids)));
  expect(await found({ since: "1h" })).toEqual(new Set(Object.keys(ids)));
  expect(await found({ until: before.toISOString() })).toEqual(new Set());
  expect(await found({ since: new Date(Date.now() + 3_600_000) })).toEqual(new Set());
});

test("what is told of a run is what its handle tells", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const ids = await oneOfEach(mesh);
  for (const run of await listed(mesh.client, {})) {
    const info = await mesh.client.run(run.runId).info();
    // Only a listing asks what workers were given.
    expect(run).toMatchObject(run.state === "running" ? { ...info, state: "running" } : info);
    expect(run).toMatchObject({ task: expect.any(String), queue: expect.any(String) });
  }
  expect(Object.keys(ids)).toHaveLength(7);
});

test("every run is seen once, page by page, while others are enqueued", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const { client } = mesh;
  const inputs = Array.from({ length: 500 }, (_, index) => index);
  const early = await client.enqueueMany(quick, inputs, { tags: ["listed"] });
  await client.enqueueMany(quick, inputs);
  let pages = 0;
  const runs = await listed(client, { limit: 37, tag: "listed" }, async () => {
    pages += 1;
    if (pages <= 5) await client.enqueueMany(quick, [1, 2, 3], { tags: ["listed"] });
  });
  const ids = runs.map(({ runId }) => runId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(early.filter(({ id }) => !ids.includes(id))).toEqual([]);
  expect(ids).toHaveLength(515);
});

describe("a page", () => {
  test("reads a bounded number of messages, and says where to go on when it finds nothing", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const { client } = mesh;
    await client.enqueueMany(quick, Array<number>(2_500).fill(1));
    await client.enqueue(quick, 1, { tags: ["rare"] });
    const pages: number[] = [];
    const runs = await listed(client, { tag: "rare" }, async (page) => void pages.push(page.length));
    expect(runs).toHaveLength(1);
    expect(pages[0]).toBe(0);
    expect(pages.length).toBeGreaterThan(2);
  });

  test.each([
    [{ state: "done" }, /^state: expected one of scheduled/],
    [{ state: "suceeded" }, /Did you mean "succeeded"/],
    [{ state: [] }, /^state: expected at least one/],
    [{ since: "yesterday" }, /^since: expected a Date, ISO 8601 text with a zone/],
    [{ until: "2027-01-01T09:00:00" }, /^until: /],
    [{ limit: 1_001 }, /^limit: /],
    [{ after: "d1" }, /^after: /],
    [{ after: "t1", state: "failed" }, /^after: /],
    [{ queue: "a.b" }, /^queue: /],
    [{ tag: "" }, /^tag: /],
    [{ tags: ["a"] }, /Did you mean "tag"/],
  ])("is not given for %j", async (query: object, message) => {
    await using mesh = await createTestMesh({ server: shared.url });
    expect(await rejection(mesh.client.runs.list(query))).toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(message),
    });
  });
});
