import { findRunMessage, type BrokerConnection } from "@umbel/broker";
import { formatRunHeader, parseRunHeader, type RunMeta } from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { headers as natsHeaders, type MsgHdrs } from "@nats-io/transport-node";
import { expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { cleanup } from "../helpers/failing-tasks.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { runByHand, type RunByHand } from "../helpers/run-by-hand.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { again } from "../helpers/tasks.ts";

// A retry is the same run: its id, priority, line, expiry, tags and the caller's headers stay.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const RUN_ID = "the-same";

function runWithEverything(mesh: TestMesh, journal: string, delay: number): RunByHand {
  const meta: Partial<RunMeta> & Pick<RunMeta, "task"> = {
    task: again.name,
    expiresAt: Date.now() + 3_600_000,
    maxAttempts: 4,
    maxElapsedMs: 3_000_000,
    resultTtlMs: 60_000,
    onFailure: { task: cleanup.name, queue: cleanup.queue, priority: "high" },
    parentRunId: "parent-1",
    rootRunId: "root-1",
    tags: ["import", "eu west"],
  };
  const input = { journal, delay };
  const headers = { "X-Own": "kept", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const place = { mesh: mesh.name, runId: RUN_ID, queue: "default", priority: "high" } as const;
  return runByHand({ ...place, meta, input, headers });
}

interface StoredRun {
  readonly subject: string;
  readonly header: MsgHdrs;
  readonly data: Uint8Array;
  readonly meta: RunMeta;
}

/** The stored message of the run, wherever it waits. */
async function storedRun(connection: BrokerConnection): Promise<StoredRun> {
  const message = await findRunMessage(connection, RUN_ID);
  const seq = message?.sequence ?? 0;
  const stored = await connection.manager.streams.getMessage(connection.streams.tasks, { seq });
  if (stored === null) throw new Error("the run is nowhere");
  const { subject, header, data } = stored;
  return { subject, header, data, meta: parseRunHeader(header.get("Umbel")) };
}

test("after a short delay", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  await mesh.startWorker({ modules: [LOOP] });
  const run = runWithEverything(mesh, journal.path, 900);
  connection.nats.publish(run.subject, run.body, { headers: run.headers });
  await mesh.waitForState(RUN_ID, "retrying");
  const stored = await storedRun(connection);
  expect(stored).toMatchObject({ subject: run.subject, meta: run.meta });
  expect(await mesh.client.run(RUN_ID).result(PATIENT)).toBe(2);
  expect(journal.starts().map(({ runId, attempt }) => [runId, attempt])).toEqual([
    [RUN_ID, 1],
    [RUN_ID, 2],
  ]);
});

test("after a long delay, for which it goes through the broker's schedule", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  const worker = await mesh.startWorker({ modules: [LOOP] });
  const run = runWithEverything(mesh, journal.path, 61_000);
  connection.nats.publish(run.subject, run.body, { headers: run.headers });
  await mesh.eventually("it is in the schedule", async () => {
    const found = await findRunMessage(connection, RUN_ID);
    return found?.address?.kind === "retrying" && (await openRuns(connection)) === 1;
  });
  const waiting = await storedRun(connection);
  const first = run.meta.dueAt ?? run.meta.enqueuedAt;
  const times = { dueAt: expect.any(Number), firstDueAt: first };
  expect(waiting.meta).toEqual({ ...run.meta, ...times, attempt: 2, verify: true });
  expect(waiting.header.get("Nats-Schedule-Target")).toBe(run.subject);
  expect(Buffer.from(waiting.data).equals(run.body)).toBe(true);

  // A minute is long for a test: the same schedule, due at once. No worker, which would find it too early.
  await worker.stop();
  await bringForward(connection, waiting);
  await mesh.eventually(
    "it is ready again",
    async () => (await storedRun(connection)).subject === run.subject,
  );
  const ready = await storedRun(connection);
  expect(ready.meta).toEqual(waiting.meta);
  for (const name of ["X-Own", "traceparent"]) expect(ready.header.get(name)).toBe(run.headers.get(name));
  expect(formatRunHeader(ready.meta)).toBe(ready.header.get("Umbel"));
});

async function bringForward(
  connection: BrokerConnection,
  { subject, header, data }: StoredRun,
): Promise<void> {
  const headers = natsHeaders();
  for (const [name, values] of header) {
    const value = name === "Nats-Schedule" ? `@at ${new Date().toISOString()}` : (values.at(-1) ?? "");
    if (!name.startsWith("Nats-Expected")) headers.append(name, value);
  }
  await connection.nats.request(subject, data, { headers, timeout: 5_000 });
}
