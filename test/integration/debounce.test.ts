import { defineTask } from "@umbel/client";
import { handle } from "@umbel/worker";
import { createTestMesh } from "@umbel/testing";
import { sleep } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { enqueueFromProcesses, startEnqueuing } from "../helpers/enqueuing-process.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

describe("a debounced run", () => {
  test("is one for 100 enqueues from 10 processes, with one of the last inputs", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const inputs = (from: number): object[] =>
      Array.from({ length: 10 }, (_, index) => ({ journal: journal.path, value: from + index }));
    const replies = await enqueueFromProcesses(mesh, 10, (index) => ({
      task: echo.name,
      inputs: inputs(index * 10),
      options: { debounce: "1m" },
    }));
    expect(new Set(replies.map(({ id }) => id)).size).toBe(1);
    expect(replies.filter(({ existed }) => !existed)).toHaveLength(1);
    const last = await mesh.client.enqueue(
      echo,
      { journal: journal.path, value: "last" },
      { debounce: "1s" },
    );
    expect(last).toMatchObject({ id: replies[0]?.id, receipt: { existed: true } });
    await mesh.startWorker({ modules: [LOOP] });
    expect(await last.result(PATIENT)).toBe("last");
    await using connection = await connectTo(mesh);
    expect(await openRuns(connection)).toBe(0);
    expect(journal.starts()).toHaveLength(1);
  });

  test("waits for a pause, and then starts afresh", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const ids = new Set<string>();
    let lastAt = 0;
    for (let value = 0; value < 8; value++) {
      lastAt = Date.now();
      const run = await mesh.client.enqueue(echo, { journal: journal.path, value }, { debounce: "4s" });
      ids.add(run.id);
      await sleep(250);
    }
    expect(ids.size).toBe(1);
    const [first = ""] = ids;
    expect(await mesh.client.run(first).result(PATIENT)).toBe(7);
    expect((journal.starts()[0]?.at ?? 0) - lastAt).toBeGreaterThanOrEqual(4_000);
    const next = await mesh.client.enqueue(
      echo,
      { journal: journal.path, value: "next" },
      { debounce: "1s" },
    );
    expect(next.receipt?.existed).toBe(false);
    expect(await next.result(PATIENT)).toBe("next");
    expect(journal.starts()).toHaveLength(2);
  });

  test("is not put off longer than the most that was asked for", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const debounce = { for: "10s", max: "12s", key: "k" } as const;
    const beganAt = Date.now();
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 }, { debounce });
    const enqueuedAt = Date.now();
    const longer = { ...debounce, for: "11s" } as const;
    await sleep(1_500);
    await mesh.client.enqueue(echo, { journal: journal.path, value: 2 }, { debounce: longer });
    const { dueAt = 0 } = await run.info();
    expect(dueAt).toBeGreaterThanOrEqual(beganAt + 12_000);
    expect(dueAt).toBeLessThanOrEqual(enqueuedAt + 12_000);
  });

  test("that its producer died before enqueueing is enqueued by the next one", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { debounce: "1s" } as const;
    const inputs = [{ journal: journal.path, value: "killed" }];
    const child = await startEnqueuing(mesh, { task: echo.name, inputs, options, stopWhenLocked: true });
    const runId = await child.lock();
    await child.kill();
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: "next" }, options);
    expect(run.id).toBe(runId);
    await mesh.startWorker({ modules: [LOOP] });
    expect(await run.result(PATIENT)).toBe("next");
    expect(journal.starts()).toHaveLength(1);
  });

  test("loses no last input when enqueues race its start", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const rounds = Array.from({ length: 40 }, async (_, index) => {
      const debounce = { for: "1s", key: `k${index}` } as const;
      await mesh.client.enqueue(echo, { journal: journal.path, value: "early" }, { debounce });
      await sleep(300 + index * 25);
      const late = await mesh.client.enqueue(echo, { journal: journal.path, value: "late" }, { debounce });
      expect(await late.result(PATIENT)).toBe("late");
      return late.receipt?.existed;
    });
    const joined = await Promise.all(rounds);
    expect(journal.starts()).toHaveLength(40 + joined.filter((existed) => existed === false).length);
  });
});

test("a task says how its runs are debounced, and its children are as well", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const seen: unknown[] = [];
  const index = defineTask<{ shop: string; version: number }, void>({
    name: "debounce.index",
    debounce: { for: "1s", key: (input) => input.shop },
  });
  const burst = defineTask<undefined, readonly string[]>({ name: "debounce.burst" });
  await mesh.startWorker({
    handlers: [
      handle(index, (input) => void seen.push(input)),
      handle(burst, async (_, context) => {
        const ids: string[] = [];
        for (let version = 0; version < 5; version++) {
          ids.push((await context.enqueue(index, { shop: "a", version })).id);
        }
        return ids;
      }),
    ],
  });
  const other = await mesh.client.enqueue(index, { shop: "b", version: 1 });
  const ids = await (await mesh.client.enqueue(burst, undefined)).result(PATIENT);
  expect(new Set(ids).size).toBe(1);
  await mesh.client.run(ids[0] ?? "").result(PATIENT);
  await other.result(PATIENT);
  expect(seen).toContainEqual({ shop: "a", version: 4 });
  expect(seen).toContainEqual({ shop: "b", version: 1 });
  expect(seen).toHaveLength(2);
  const delayed = mesh.client.enqueue(index, { shop: "a", version: 1 }, { delay: "1m" });
  expect(await rejection(delayed)).toMatchObject({ details: { field: "debounce" } });
});
