import { createTestMesh } from "@umbel/testing";
import { expect, test } from "vitest";
import { connectTo, backlog } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated, rest } from "../helpers/tasks.ts";

// Promise 3: a dead worker's run starts again within ack-wait + 2 s of its last heartbeat.

const shared = shareServer();
const ACK_WAIT_MS = 2_000;
const worker = { modules: [LOOP], ackWait: ACK_WAIT_MS } as const;
/** What the promise allows, and what a busy machine takes. */
const PROMISED_MS = ACK_WAIT_MS + 2_000;
const TOLERANCE_MS = 1_500;

test("a dead worker's runs start again elsewhere within ack-wait + 2 s, and not while it may be alive", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const doomed = await mesh.spawnWorker({ ...worker, concurrency: 3 });
  const runs = await mesh.client.enqueueMany(
    gated,
    Array.from({ length: 3 }, () => ({ journal: journal.path })),
  );
  await mesh.eventually("all have started", () => journal.starts().length === 3);
  const other = await mesh.spawnWorker(worker);
  // Long enough for heartbeats to have kept the runs where they are.
  await mesh.eventually("more than an ack-wait has passed", () => {
    const first = journal.starts()[0]?.at ?? Infinity;
    return Date.now() - first > ACK_WAIT_MS * 1.5;
  });
  expect(journal.starts()).toHaveLength(3);

  const killedAt = Date.now();
  doomed.kill("SIGKILL");
  const again = await mesh.eventually("all have started again", () => {
    const starts = journal.starts().filter(({ pid }) => pid === other.pid);
    return starts.length === 3 && starts;
  });
  // The last heartbeat was sent before the kill, so this is stricter than the promise.
  for (const { at } of again) expect(at - killedAt).toBeLessThan(PROMISED_MS + TOLERANCE_MS);
  await journal.open("all");
  expect(await Promise.all(runs.map((run) => run.result({ timeout: "30s" })))).toEqual(
    runs.map(() => other.pid),
  );
});

test("a run that is much longer than the ack-wait is delivered once", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  await mesh.startWorker({ modules: [LOOP], ackWait: "1s" });
  await mesh.spawnWorker({ modules: [LOOP], ackWait: "1s" });
  const run = await mesh.client.enqueue(rest, { journal: journal.path, ms: 4_000 });
  await run.result({ timeout: "30s" });
  expect(journal.starts(run.id)).toMatchObject([{ delivery: 1, attempt: 1, start: 1 }]);
  expect(await backlog(connection, "default")).toMatchObject({ redelivered: 0 });
});
