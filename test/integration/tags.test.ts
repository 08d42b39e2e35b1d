import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP, THREADS } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { fail, flaky, inspect, inspectThread, quick, slowRetry, type Seen } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const TAGS = ["import", "Größe; 7=ü, *.>"] as const;

describe("the tags of a run", () => {
  test("are seen by its handler, on the loop and on a thread, and not by its children", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP, THREADS], threads: 1 });
    const input = { journal: journal.path };
    const onLoop = await mesh.client.enqueue(inspect, input, { tags: TAGS });
    const onThread = await mesh.client.enqueue(inspectThread, input, { tags: TAGS });
    const untagged = await mesh.client.enqueue(inspect, input);
    expect((await onLoop.result(PATIENT)).tags).toEqual(TAGS);
    const { tags, childId } = await onThread.result(PATIENT);
    expect(tags).toEqual(TAGS);
    expect((await mesh.client.run<Seen>(childId).result(PATIENT)).tags).toEqual([]);
    expect((await untagged.result(PATIENT)).tags).toEqual([]);
  });

  test("are told with its state: waiting, scheduled, retrying and ended", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const [waiting] = await mesh.client.enqueueMany(quick, [1], { tags: TAGS });
    expect(await waiting?.info()).toMatchObject({ state: "queued", tags: TAGS });
    const later = await mesh.client.enqueue(quick, 1, { tags: TAGS, delay: "1h" });
    expect(await later.info()).toMatchObject({ state: "scheduled", tags: TAGS });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path };
    const retrying = await mesh.client.enqueue(slowRetry, { ...input, failures: 1 }, { tags: TAGS });
    expect(await mesh.waitForState(retrying.id, "retrying")).toMatchObject({ tags: TAGS });
    await waiting?.result(PATIENT);
    expect(await waiting?.info()).toMatchObject({ state: "succeeded", tags: TAGS });
    const untagged = await mesh.client.enqueue(quick, 1);
    await untagged.result(PATIENT);
    expect(await untagged.info()).not.toHaveProperty("tags");
  });

  test("stay with it over its attempts, and in its dead letter", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path };
    const retried = await mesh.client.enqueue(flaky, { ...input, failures: 2 }, { tags: TAGS });
    expect(await retried.result(PATIENT)).toBe(3);
    expect(await retried.info()).toMatchObject({ attempt: 3, tags: TAGS });
    const dead = await mesh.client.enqueue(fail, input, { tags: TAGS });
    await rejection(dead.result(PATIENT));
    expect(await dead.info()).toMatchObject({ state: "failed", tags: TAGS });
  });

  test("of a run that is cancelled before a worker saw it are kept with its outcome", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const run = await mesh.client.enqueue(quick, 1, { tags: TAGS });
    await run.cancel({ reason: "not needed", by: "ada" });
    expect(await run.info()).toMatchObject({
      state: "cancelled",
      tags: TAGS,
      reason: "not needed",
      by: "ada",
    });
    expect(await rejection(run.result(PATIENT))).toMatchObject({
      message: expect.stringContaining("was cancelled by ada: not needed"),
      reason: "not needed",
      by: "ada",
    });
  });

  test("that are none are refused, and nothing is enqueued", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const refused = mesh.client.enqueue(quick, 1, { runId: "refused", tags: [""] });
    expect(await rejection(refused)).toMatchObject({ code: "invalid_argument" });
    expect(await mesh.client.run("refused").state()).toBe("unknown");
  });
});
