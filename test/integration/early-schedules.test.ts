import {
  encodeHeaders,
  EXPECT_SEQUENCE,
  Publisher,
  RunRecords,
  SCHEDULE,
  SCHEDULE_TARGET,
  type BrokerConnection,
} from "@umbel/broker";
import { encode, formatRunHeader, RUN_HEADER, runSubject, scheduleFor } from "@umbel/protocol";
import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, gated } from "../helpers/tasks.ts";

// Schedules fire a little early, and workers hold what they bring: promise 6, however many are due at once.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

function earliest(journal: Journal): number {
  return Math.min(...journal.starts().map(({ at }) => at));
}

describe("runs that come before they are due", () => {
  test("are started once each and not before, many more of them than a worker can hold", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    // Two slots hold 42 runs for the 400 ms that they may be early.
    await mesh.startWorker({ modules: [LOOP], concurrency: 2 });
    const at = new Date(Date.now() + 2_000);
    const inputs = Array.from({ length: 300 }, (_, value) => ({ journal: journal.path, value }));
    const runs = await mesh.client.enqueueMany(echo, inputs, { at });
    const values = await Promise.all(runs.map((run) => run.result(PATIENT)));
    expect(values).toEqual(inputs.map(({ value }) => value));
    expect(journal.starts()).toHaveLength(300);
    expect(earliest(journal)).toBeGreaterThanOrEqual(at.getTime());
    const handedBack = journal.starts().filter(({ delivery }) => delivery > 1).length;
    expect(handedBack).toBeGreaterThan(0);
  });

  test("of a worker that stops go to another, and are still not early", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const worker = await mesh.startWorker({ modules: [LOOP], ackWait: "1m" });
    const at = new Date(Date.now() + 1_000);
    const inputs = Array.from({ length: 40 }, (_, value) => ({ journal: journal.path, value }));
    const runs = await mesh.client.enqueueMany(echo, inputs, { at });
    await using connection = await connectTo(mesh);
    await mesh.eventually("they have fired", () => allReady(connection), { everyMs: 5 });
    await worker.stop();
    await mesh.startWorker({ modules: [LOOP], ackWait: "1m" });
    await Promise.all(runs.map((run) => run.result(PATIENT)));
    expect(journal.starts()).toHaveLength(40);
    expect(earliest(journal)).toBeGreaterThanOrEqual(at.getTime());
  });

  test("leave the slots to runs that are due", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP], concurrency: 1 });
    const input = { journal: journal.path };
    // Published as ready at once, and held. It is due while the other one executes.
    const early = await mesh.client.enqueue(gated, input, { delay: "400ms" });
    const other = await mesh.client.enqueue(gated, input);
    await mesh.eventually("one of them executes", () => journal.starts().length === 1);
    await journal.open("all");
    await Promise.all([early.result(PATIENT), other.result(PATIENT)]);
    expect(journal.starts().map(({ runId }) => runId)).toEqual([other.id, early.id]);
    const enqueuedAt = (await early.info()).enqueuedAt ?? Infinity;
    expect(journal.starts(early.id)[0]?.at).toBeGreaterThanOrEqual(enqueuedAt + 400);
  });
});

test("the next attempt of a run whose retry was scheduled starts when it is due and not before", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  const dueAt = Date.now() + 1_200;
  await scheduleAttempt(connection, { dueAt, journal });
  await mesh.startWorker({ modules: [LOOP] });
  expect(await mesh.client.run("retried").result(PATIENT)).toBe("again");
  expect(journal.starts()).toMatchObject([{ attempt: 2, delivery: 1, start: 2 }]);
  expect(earliest(journal)).toBeGreaterThanOrEqual(dueAt);
});

// What a worker leaves behind whose attempt failed, and is to be repeated after more than a minute.
async function scheduleAttempt(
  connection: BrokerConnection,
  { dueAt, journal }: { readonly dueAt: number; readonly journal: Journal },
): Promise<void> {
  using publisher = new Publisher(connection);
  const run = { queue: echo.queue, task: echo.name, runId: "retried" };
  const record = {
    ...run,
    state: "retrying",
    worker: "w",
    attempt: 1,
    starts: 1,
    at: 1,
    errors: [],
  } as const;
  const records = new RunRecords(connection, publisher);
  await records.write(run.runId, { ...record, dueAt }, { expected: 0, ttl: "never" });
  const meta = { task: echo.name, enqueuedAt: 1, origin: "o", attempt: 2, verify: true, dueAt };
  await publisher.publish({
    subject: runSubject(connection.mesh, { kind: "retrying", ...run }),
    body: encode({ journal: journal.path, value: "again" }, "input"),
    headers: encodeHeaders([
      [EXPECT_SEQUENCE, "0"],
      [SCHEDULE, scheduleFor(dueAt, false)],
      [SCHEDULE_TARGET, runSubject(connection.mesh, { kind: "ready", priority: "high", ...run })],
      [RUN_HEADER, formatRunHeader(meta)],
    ]),
  });
}

async function allReady(connection: BrokerConnection): Promise<boolean> {
  const { state } = await connection.manager.streams.info(connection.streams.tasks, {
    subjects_filter: `${connection.mesh}.S.>`,
  });
  return Object.keys(state.subjects ?? {}).length === 0 && (await openRuns(connection)) > 0;
}
