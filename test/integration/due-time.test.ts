import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, gated, quick } from "../helpers/tasks.ts";

// Promise 6: no handler starts before its run is due.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

describe("a run that is delayed", () => {
  test("is scheduled in the broker, and starts when it is due and not before", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const delays = [700, 900, 1_100, 1_300];
    const enqueuedAt = Date.now();
    const runs = await Promise.all(
      delays.map((delay) => mesh.client.enqueue(echo, { journal: journal.path, value: delay }, { delay })),
    );
    for (const run of runs) expect(await run.state()).toBe("scheduled");
    expect(await Promise.all(runs.map((run) => run.result(PATIENT)))).toEqual(delays);
    for (const [index, delay] of delays.entries()) {
      const [start] = journal.starts(runs[index]?.id);
      expect((start?.at ?? 0) - enqueuedAt).toBeGreaterThanOrEqual(delay);
    }
  });

  test("until a moment starts at that moment and not before", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const at = new Date(Date.now() + 800);
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 }, { at });
    expect(await run.info()).toMatchObject({ state: "scheduled", dueAt: at.getTime() });
    const iso = await mesh.client.enqueue(
      echo,
      { journal: journal.path, value: 2 },
      { at: at.toISOString() },
    );
    await Promise.all([run.result(PATIENT), iso.result(PATIENT)]);
    for (const { at: startedAt } of journal.starts()) expect(startedAt).toBeGreaterThanOrEqual(at.getTime());
  });

  test("is not lost when the server is killed before it is due", async () => {
    await using mesh = await createTestMesh();
    const run = await mesh.client.enqueue(quick, 8, { delay: "1s" });
    await mesh.server.kill();
    await mesh.server.restart();
    await mesh.startWorker({ modules: [LOOP] });
    expect(await run.result(PATIENT)).toBe(8);
  });

  test("to the past starts at once", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const run = await mesh.client.enqueue(quick, 8, { at: "2020-01-01T00:00:00Z" });
    expect(await run.result(PATIENT)).toBe(8);
  });

  test("expires when nobody starts it in time, and is never started", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const input = { journal: journal.path, value: 1 };
    const run = await mesh.client.enqueue(echo, input, { expires: "100ms" });
    const later = await mesh.client.enqueue(echo, input, { delay: "500ms", expires: "1m" });
    await mesh.waitForState(later.id, "queued");
    await mesh.startWorker({ modules: [LOOP] });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_expired", runId: run.id });
    expect(await later.result(PATIENT)).toBe(1);
    expect(journal.starts(run.id)).toEqual([]);
    expect(await mesh.deadLetters()).toEqual([]);
  });
});

describe("a run id of the caller's choice", () => {
  test("that three clients enqueue twenty times at once makes one run", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const clients = [mesh.client, await mesh.connect(), await mesh.connect()];
    const enqueues = clients.flatMap((client) =>
      Array.from({ length: 20 }, (_, index) =>
        client.enqueue(
          gated,
          { journal: journal.path },
          { runId: "invoice-17", ...(index % 4 === 0 ? { delay: "300ms" } : {}) },
        ),
      ),
    );
    const runs = await Promise.all(enqueues);
    expect(runs.filter(({ receipt }) => receipt?.existed === false)).toHaveLength(1);
    await mesh.eventually("it has started", () => journal.starts().length > 0);
    await journal.open("all");
    expect(new Set(await Promise.all(runs.map((run) => run.result(PATIENT))))).toEqual(
      new Set([process.pid]),
    );
    await using connection = await connectTo(mesh);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    expect(journal.starts()).toHaveLength(1);
  });

  test("gives the same run again after it has ended, without executing it again", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const options = { runId: "invoice-18" };
    const first = await mesh.client.enqueue(echo, { journal: journal.path, value: "first" }, options);
    expect(await first.result(PATIENT)).toBe("first");
    const second = await mesh.client.enqueue(echo, { journal: journal.path, value: "second" }, options);
    expect(await second.result(PATIENT)).toBe("first");
    await using connection = await connectTo(mesh);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    expect(journal.starts()).toHaveLength(1);
  });
});
