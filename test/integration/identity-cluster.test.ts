import { createTestMesh, type TestMesh } from "@umbel/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { echo } from "../helpers/tasks.ts";

// Locks and changes of schedules on three servers, where a compare-and-set is also refused while another write is
// on its way.

const PATIENT = { timeout: "60s" } as const;
let mesh: TestMesh;
let journal: Journal;
beforeAll(async () => {
  journal = await createJournal();
  mesh = await createTestMesh({ servers: 3 });
  await mesh.startWorker({ modules: [LOOP] });
});
afterAll(async () => {
  await mesh?.close();
  await journal?.[Symbol.asyncDispose]();
});

async function nothingIsLeft(): Promise<void> {
  await using connection = await connectTo(mesh);
  await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
}

test("sixty enqueues of three clients at once make one unique run, time and again", async () => {
  const clients = [mesh.client, await mesh.connect(), await mesh.connect()];
  const ids: string[] = [];
  for (let round = 0; round < 5; round++) {
    const options = { unique: "until-done", uniqueKey: "k", delay: "1h" } as const;
    const runs = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 20 }, (_, value) =>
          client.enqueue(echo, { journal: journal.path, value }, options),
        ),
      ),
    );
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(runs.filter(({ receipt }) => receipt?.existed === false)).toHaveLength(1);
    await runs[0]?.promote();
    await runs[0]?.result(PATIENT);
    ids.push(runs[0]?.id ?? "");
  }
  await nothingIsLeft();
  expect(new Set(ids).size).toBe(5);
  for (const id of ids) expect(journal.starts(id)).toHaveLength(1);
});

test("a debounced run is one, with the last input of those that did not overlap", async () => {
  const clients = [mesh.client, await mesh.connect(), await mesh.connect()];
  const options = { debounce: { for: "10s", key: "debounced" } } as const;
  const runs = await Promise.all(
    clients.flatMap((client) =>
      Array.from({ length: 5 }, (_, value) =>
        client.enqueue(echo, { journal: journal.path, value }, options),
      ),
    ),
  );
  expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
  const last = await mesh.client.enqueue(echo, { journal: journal.path, value: "last" }, options);
  expect(await last.result(PATIENT)).toBe("last");
  await nothingIsLeft();
  expect(journal.starts(last.id)).toHaveLength(1);
});

test("changes that race the moment at which runs are due leave each executed once, as confirmed", async () => {
  const rival = await mesh.connect();
  const one = async (index: number): Promise<string> => {
    const input = { journal: journal.path, value: "first" };
    const run = await mesh.client.enqueue(echo, input, { delay: 600 + 7 * index });
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 400 + ((index * 53) % 900));
    await promise;
    const [edited] = await Promise.allSettled([
      run.editInput(echo, { ...input, value: "second" }),
      rival.run(run.id).reschedule({ delay: "200ms" }),
    ]);
    const result = await run.result(PATIENT);
    expect(`${edited.status}: ${String(result)}`).toMatch(/fulfilled: second|rejected: first/);
    return run.id;
  };
  const ids = await Promise.all(Array.from({ length: 60 }, (_, index) => one(index)));
  await nothingIsLeft();
  for (const id of ids) expect(journal.starts(id)).toHaveLength(1);
});
