import { connectBroker } from "@umbel/broker";
import { createTestMesh } from "@umbel/testing";
import type { AuditEntry } from "@umbel/client";
import { describe, expect, test } from "vitest";
import { callWith } from "../helpers/bad-call.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { quick } from "../helpers/tasks.ts";

// What is kept of what operators do.

const shared = shareServer();
const worker = { modules: [LOOP], ackWait: "1s" } as const;

describe("the audit", () => {
  test("tells who did what to what, and what came of it", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ ...worker, workerName: "one" });
    const operator = await mesh.connect({ actor: "ada@laptop", name: "ada's shell" });
    await operator.queues.pause("media", { reason: "the store moves", by: "bob" });
    await operator.queues.configure("media", { lanes: 4 });
    await operator.queues.resume("media");
    const run = await operator.enqueue(quick, 1, { delay: "1h" });
    await operator.cancel([run.id, "nobody"], { reason: "no use" });
    await operator.cancelMatching({ queue: "media" });
    await operator.deadLetters.discard({ all: true });
    await expect(operator.deadLetters.redrive("nobody")).rejects.toMatchObject({ code: "run_unknown" });
    await operator.control.resize({ concurrency: 2 }, { workers: "one", by: "eve" });
    const { entries, more } = await operator.audit.list();
    expect(more).toBe(false);
    const who = { actor: "ada@laptop", connection: "ada's shell" };
    expect(entries).toMatchObject([
      {
        action: "queue.pause",
        outcome: "done",
        who: { ...who, by: "bob" },
        target: { queue: "media", reason: "the store moves" },
      },
      {
        action: "queue.configure",
        outcome: "done",
        target: { queue: "media", lanes: 4 },
        result: { version: 2 },
      },
      { action: "queue.resume", outcome: "done", target: { queue: "media" } },
      {
        action: "run.cancel",
        target: { runIds: [run.id, "nobody"], count: 2, reason: "no use" },
        result: { cancelled: 1, unknown: 1 },
      },
      { action: "run.cancel", target: { filter: { queue: "media" } }, result: { cancelled: 0 } },
      { action: "dead.discard", outcome: "done", target: { filter: { all: true } } },
      {
        action: "dead.redrive",
        outcome: "failed",
        target: { runId: "nobody" },
        error: expect.stringContaining("nobody"),
      },
      {
        action: "worker.resize",
        outcome: "done",
        who: { ...who, by: "eve" },
        target: { workers: "one", concurrency: 2 },
        result: { missing: [] },
      },
    ]);
    const last = await operator.audit.list({ limit: 1 });
    expect(last).toMatchObject({ more: true, entries: [{ action: "worker.resize" }] });
    const paused = await operator.audit.list({ action: "queue.pause", since: new Date(Date.now() - 60_000) });
    expect(paused.entries.map(({ id }: AuditEntry) => id)).toEqual([entries[0]?.id]);
    await expect(callWith(operator.audit, "list", { action: "queue.paws" })).rejects.toMatchObject({
      message: expect.stringContaining('Did you mean "queue.pause"?'),
    });
  });

  test("cannot be changed by whoever is on it", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.client.queues.pause("media");
    await using connection = await connectBroker({ servers: shared.url, mesh: mesh.name });
    const { manager, streams } = connection;
    await expect(manager.streams.deleteMessage(streams.audit, 1)).rejects.toThrow("permitted");
    await expect(manager.streams.purge(streams.audit)).rejects.toThrow("permitted");
    expect((await mesh.client.audit.list()).entries).toHaveLength(1);
  });
});
