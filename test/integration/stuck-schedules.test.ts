import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrokerConnection } from "@umbel/broker";
import { controlSubject, decode, UmbelError } from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { echo, quick } from "../helpers/tasks.ts";

const PATIENT = { timeout: "60s" } as const;

// The server-wide limit, not an account's: a schedule that fires when it is reached never fires again.
test("a run is started whose schedule was lost because the server was full when it fired", async () => {
  const storeDir = await mkdtemp(join(tmpdir(), "umbel-full-"));
  try {
    await using journal = await createJournal();
    const extraConfig = `jetstream { store_dir: ${JSON.stringify(storeDir)}, max_file_store: 2MB }`;
    await using mesh = await createTestMesh({ extraConfig });
    await using connection = await connectTo(mesh);
    const input = { journal: journal.path, value: "late" };
    const run = await mesh.client.enqueue(echo, input, { delay: "3s", headers: { tenant: "a" } });
    const other = await mesh.client.enqueue(quick, 5, { delay: "1h" });
    const filling = await fill(mesh);
    const { dueAt = 0 } = await run.info();
    await mesh.eventually("it should have fired", () => Date.now() > dueAt + 500);
    for (const subject of filling) await remove(connection, subject);
    // So late that whoever looks first finds it.
    await mesh.eventually("it is overdue", () => Date.now() > dueAt + 15_500);
    await mesh.startWorker({ modules: [LOOP] });
    expect(await mesh.client.run(run.id).state()).toBe("scheduled");

    expect(await run.result(PATIENT)).toBe("late");
    const [line, ...more] = mesh.log.of("schedule.refired");
    expect(line).toMatchObject({ count: 1, scanned: 2, runIds: [run.id] });
    expect(more).toEqual([]);
    expect(journal.starts()).toMatchObject([{ attempt: 1, delivery: 1 }]);
    expect(await other.state()).toBe("scheduled");
  } finally {
    await rm(storeDir, { recursive: true, force: true });
  }
});

test("the workers of a mesh look for such schedules in turns, not all of them", async () => {
  await using mesh = await createTestMesh();
  await using connection = await connectTo(mesh);
  const turns: unknown[] = [];
  connection.subscribe(controlSubject(mesh.name, "sweep"), ({ data }) => turns.push(decode(data)));
  await connection.flush();
  for (let worker = 0; worker < 4; worker++) await mesh.startWorker({ modules: [LOOP] });
  const startedAt = Date.now();
  await mesh.client.enqueue(quick, 5, { delay: "1h" });
  // Each of them would have its first turn within ten seconds.
  await mesh.eventually("all would have had a turn", () => Date.now() - startedAt > 10_500);
  expect(turns).toEqual([
    { worker: expect.any(String), from: 1 },
    { worker: expect.any(String), from: 1 },
  ]);
  const [first, second] = turns;
  expect(second).toEqual(first);
  expect(mesh.log.of("schedule.refired")).toEqual([]);
});

/** Fill the server's store with runs that are due in an hour; resolves to their subjects. */
async function fill(mesh: TestMesh): Promise<readonly string[]> {
  const subjects: string[] = [];
  for (const size of [100_000, 1_000, 1]) {
    try {
      for (;;) {
        const run = await mesh.client.enqueueByName("filling", "y".repeat(size), { delay: "1h" });
        subjects.push(`${mesh.name}.S.*.d.*.${run.id}`);
      }
    } catch (error) {
      if (!UmbelError.is(error, "storage_full")) throw error;
    }
  }
  return subjects;
}

async function remove({ manager, streams }: BrokerConnection, filter: string): Promise<void> {
  await manager.streams.purge(streams.tasks, { filter });
}
