import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { readSteps } from "../helpers/keyed-steps.ts";
import { failingStep, step, unkeyedStep } from "../helpers/keyed-tasks.ts";
import { KEYED } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
const worker = { modules: [KEYED], queues: ["ordered"] } as const;
const PATIENT = { timeout: "50s" } as const;

describe("a key", () => {
  test("is what its runs are listed and cancelled by, wherever they wait", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const place = { journal: "-", key: "tenant.1" };
    const mine = [
      await mesh.client.enqueue(step, { ...place, number: 0 }),
      await mesh.client.enqueue(step, { ...place, number: 1 }, { delay: "1h" }),
    ];
    const others = [
      await mesh.client.enqueue(step, { ...place, key: "tenant.2", number: 0 }),
      await mesh.client.enqueue(step, { ...place, key: "tenant.2", number: 1 }, { delay: "1h" }),
      await mesh.client.enqueue(unkeyedStep, { ...place, number: 0 }),
    ];
    const { runs } = await mesh.client.runs.list({ key: "tenant.1" });
    // Those that are scheduled come first: they wait elsewhere.
    expect(runs.map(({ runId, state, key }) => [runId, state, key])).toEqual([
      [mine[1]?.id, "scheduled", "tenant.1"],
      [mine[0]?.id, "queued", "tenant.1"],
    ]);
    expect(await mesh.client.cancelMatching({ key: "tenant.1" })).toMatchObject({ cancelled: 2 });
    expect(await Promise.all(mine.map((run) => run.state()))).toEqual(["cancelled", "cancelled"]);
    expect(await Promise.all(others.map((run) => run.state()))).toEqual(["queued", "scheduled", "queued"]);
  });

  test("is kept by a redrive, which goes behind those of its key", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const running = await mesh.startWorker(worker);
    const place = { journal: journal.path, key: "k" };
    const once = { retry: { maxAttempts: 1 } } as const;
    const dead = await mesh.client.enqueue(failingStep, { ...place, number: 0, failures: 1 }, once);
    await dead.outcome(PATIENT);
    await running.stop();
    await mesh.client.enqueue(step, { ...place, number: 1 });
    const again = await mesh.client.deadLetters.redrive(dead.id);
    expect((await mesh.client.runs.list({ key: "k" })).runs.map(({ runId }) => runId)).toContain(again.id);
    await mesh.startWorker(worker);
    await again.outcome(PATIENT);
    expect(
      readSteps(journal.path)
        .map(({ what, number }) => `${what} ${number}`)
        .slice(2, 5),
    ).toEqual(["start 1", "end 1", "start 0"]);
  });
});
