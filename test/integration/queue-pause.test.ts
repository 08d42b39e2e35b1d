import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { readSteps } from "../helpers/keyed-steps.ts";
import { gatedStep, step, unkeyedStep } from "../helpers/keyed-tasks.ts";
import { KEYED } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
const worker = { modules: [KEYED], queues: ["ordered"] } as const;
const PATIENT = { timeout: "30s" } as const;
/** Longer than it takes until every worker has heard of a pause, and than a request for runs lasts. */
const NOTHING_FOR_MS = 2_500;

const startsIn = (journal: string): number =>
  readSteps(journal).filter(({ what }) => what === "start").length;

describe("a paused queue", () => {
  test("starts nothing on any worker, a later one included; what runs finishes; resumed, it flows", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.spawnWorker(worker);
    await mesh.startWorker(worker);
    const place = { journal: journal.path, number: 0 };
    const running = await mesh.client.enqueue(gatedStep, { ...place, key: "gate" });
    await mesh.eventually("it has started", () => startsIn(journal.path) === 1);
    const paused = await mesh.client.queues.pause("ordered", { reason: "a deploy", by: "ada" });
    expect(paused).toMatchObject({ name: "ordered", paused: { reason: "a deploy", by: "ada" } });
    await mesh.startWorker(worker);
    const runs = [
      await mesh.client.enqueue(unkeyedStep, { ...place, key: "a" }),
      await mesh.client.enqueue(unkeyedStep, { ...place, key: "b" }, { delay: "300ms" }),
      await mesh.client.enqueue(unkeyedStep, { ...place, key: "c" }, { priority: "high" }),
      await mesh.client.enqueue(step, { ...place, key: "d" }),
    ];
    await journal.open("gate");
    await running.result(PATIENT);
    await expect(Promise.any(runs.map((run) => run.result({ timeout: NOTHING_FOR_MS })))).rejects.toThrow(
      AggregateError,
    );
    expect(startsIn(journal.path)).toBe(1);
    for (const run of runs) expect(await run.state()).toBe("queued");

    const resumed = await mesh.client.queues.resume("ordered");
    expect(resumed.paused).toBeUndefined();
    await Promise.all(runs.map((run) => run.result({ timeout: "5s" })));
  });

  test("stays paused while server and workers are restarted", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh();
    const first = await mesh.startWorker(worker);
    await mesh.client.queues.pause("ordered");
    const run = await mesh.client.enqueue(unkeyedStep, { journal: journal.path, key: "a", number: 0 });
    await mesh.server.kill();
    await mesh.server.restart();
    await mesh.eventually("it is connected", () => mesh.client.connected);
    await first.stop();
    await mesh.startWorker(worker);
    await expect(run.result({ timeout: NOTHING_FOR_MS })).rejects.toMatchObject({ code: "result_timeout" });
    expect((await mesh.client.queues.get("ordered")).paused).toBeDefined();
    await mesh.client.queues.resume("ordered");
    expect(await run.result(PATIENT)).toBe(0);
  });

  test("goes on by itself when its pause ends", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const until = new Date(Date.now() + 1_500);
    await mesh.client.queues.pause("ordered", { until });
    const run = await mesh.client.enqueue(unkeyedStep, { journal: journal.path, key: "a", number: 0 });
    expect(await run.result(PATIENT)).toBe(0);
    expect((await run.info()).startedAt).toBeGreaterThanOrEqual(until.getTime());
    expect((await mesh.client.queues.get("ordered")).paused).toBeUndefined();
  });

  test("leaves others alone", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ ...worker, queues: ["ordered", "other"] });
    await mesh.client.queues.pause("ordered");
    const input = { journal: journal.path, key: "a", number: 7 };
    const run = await mesh.client.enqueue(unkeyedStep, input, { queue: "other" });
    expect(await run.result(PATIENT)).toBe(7);
  });
});

describe("the definition of a queue", () => {
  test("is the default until somebody decides, and is listed from then on", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const { queues } = mesh.client;
    expect(await queues.get("a")).toEqual({ name: "a", version: 0, lanes: 8, keyed: false });
    expect(await queues.list()).toEqual([]);
    expect(await queues.resume("a")).toMatchObject({ version: 0 });
    await queues.pause("b");
    expect(await queues.configure("a", { lanes: 3 })).toEqual({
      name: "a",
      version: 1,
      lanes: 3,
      keyed: false,
    });
    expect(await queues.configure("a", { lanes: 3 })).toMatchObject({ version: 1 });
    expect((await queues.list()).map(({ name, version }) => [name, version])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });

  test("changes by one version at a time, whoever is at it", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const others = await Promise.all([mesh.connect(), mesh.connect(), mesh.connect()]);
    const changes = others.flatMap(({ queues }) => [
      queues.pause("a", { by: "one" }),
      queues.configure("a", { lanes: 5 }),
      queues.pause("a", { by: "two" }),
    ]);
    const versions = (await Promise.all(changes)).map(({ version }) => version);
    const { version, lanes, paused } = await mesh.client.queues.get("a");
    expect(version).toBe(Math.max(...versions));
    // Six pauses, and five lanes once.
    expect(version).toBe(7);
    expect(lanes).toBe(5);
    expect(paused).toBeDefined();
  });

  test("keeps its lanes while a run with a key waits, is scheduled or retried", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const { queues } = mesh.client;
    const input = { journal: journal.path, key: "k", number: 0 };
    for (const options of [{}, { delay: "1h" }] as const) {
      const run = await mesh.client.enqueue(step, input, options);
      // Others do not stand in the way.
      await mesh.client.enqueue(unkeyedStep, input, { delay: "1h" });
      const error = await rejection(queues.configure("ordered", { lanes: 2 }));
      expect(error).toMatchObject({ code: "config_conflict", details: { queue: "ordered" } });
      expect(error.message).toContain(run.id);
      expect(await queues.configure("ordered", { lanes: 8 })).toMatchObject({ lanes: 8 });
      await run.cancel();
    }
    expect(await queues.configure("ordered", { lanes: 2 })).toMatchObject({ lanes: 2, keyed: true });
    await mesh.startWorker(worker);
    expect(await (await mesh.client.enqueue(step, input)).result(PATIENT)).toBe(0);
  });

  test("takes nothing that makes no sense", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const { queues } = mesh.client;
    const bad: readonly [Promise<unknown>, string][] = [
      [queues.configure("a", { lanes: 0 }), "lanes"],
      [queues.configure("a", { lanes: 33 }), "lanes"],
      [queues.configure("a b", { lanes: 3 }), "queue"],
      [queues.pause("a", { until: new Date(0) }), "pause.until"],
      [queues.pause("a", { until: "2099-01-01T00:00:00" }), "pause.until"],
      [queues.pause("a", { reason: "x".repeat(1_001) }), "pause.reason"],
    ];
    for (const [change, field] of bad) {
      const error = await rejection(change);
      expect([error.code, error.details["field"]]).toEqual(["invalid_argument", field]);
    }
    expect(await queues.list()).toEqual([]);
  });
});
