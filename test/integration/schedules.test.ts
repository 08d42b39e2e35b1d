import { countWaiting } from "@umbel/broker";
import type { ScheduleInfo } from "@umbel/client";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { defineMiddleware, defineTask, handle } from "@umbel/worker";
import { describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
const HOUR_MS = 3_600_000;
const PATIENT = { timeout: "30s" } as const;

const night = defineTask<{ readonly town: string }, string>({ name: "mail.night", queue: "mail" });
const slow = defineTask<number, number>({ name: "slow" });

const hourly = { every: "1h", task: night, input: { town: "Hue" } } as const;

function soon(ms = 600): Date {
  return new Date(Date.now() + ms);
}

function openMesh(): Promise<TestMesh> {
  return createTestMesh({ server: shared.url });
}

describe.concurrent("a schedule", () => {
  test("makes runs at its times, with its input, tags and headers, and tells how they ended", async () => {
    await using mesh = await openMesh();
    const seen: unknown[] = [];
    const handler = handle(night, ({ town }, { runId, headers, tags }) => {
      seen.push({ town, runId, headers, tags, at: Date.now() });
      return "sent";
    });
    await mesh.startWorker({ handlers: [handler] });
    const start = soon();
    const { schedules } = mesh.client;
    await schedules.put("good-night", { ...hourly, start, tags: ["mail"], headers: { tenant: "acme" } });
    const info = await mesh.eventually("it has fired", async () => {
      const found = await schedules.get("good-night");
      return found.runs[0]?.state === "succeeded" ? found : undefined;
    });
    const [run] = info.runs;
    expect(run).toMatchObject({ kind: "on-time", fireAt: start.getTime() });
    expect(run?.runId).toMatch(/^good-night-\d{8}T\d{9}Z$|^good-night-\d{8}T\d{6}Z$/);
    expect(seen).toEqual([
      {
        town: "Hue",
        runId: run?.runId,
        headers: expect.objectContaining({
          tenant: "acme",
          "schedule-id": "good-night",
          "schedule-time": start.toISOString(),
        }),
        tags: ["schedule:good-night", "mail"],
        at: expect.any(Number),
      },
    ]);
    expect(Reflect.get(Object(seen[0]), "at")).toBeGreaterThanOrEqual(start.getTime() - 1);
    expect(info).toMatchObject({ state: "active", fired: 1, nextFireAt: start.getTime() + HOUR_MS });
    expect(await schedules.next("good-night", 2)).toEqual([
      start.getTime() + HOUR_MS,
      start.getTime() + 2 * HOUR_MS,
    ]);
    const { runs } = await mesh.client.runs.list({ tag: "schedule:good-night", state: "succeeded" });
    expect(runs).toMatchObject([{ runId: run?.runId, task: "mail.night" }]);
  });

  test("fires with no process of Umbel's running but one worker, started later", async () => {
    await using mesh = await openMesh();
    const start = soon(300);
    await using other = await mesh.connect();
    await other.schedules.put("s", { ...hourly, start });
    await other.close();
    await mesh.eventually("it is overdue", () => Date.now() > start.getTime() + 500);
    await mesh.startWorker({ handlers: [handle(slow, (input) => input)] });
    const info = await mesh.eventually("any worker makes its run, whatever queues it serves", async () => {
      const found = await mesh.client.schedules.get("s");
      return found.runs.length === 1 ? found : undefined;
    });
    expect(info).toMatchObject({ fired: 1, runs: [{ state: "queued" }] });
  });

  test("that is overdue says so", async () => {
    await using mesh = await openMesh();
    const start = soon(100);
    await mesh.client.schedules.put("s", { ...hourly, start });
    const overdue = await mesh.eventually("nobody fires it", async () => {
      const [info] = await mesh.client.schedules.list();
      return info?.overdueMs === undefined ? undefined : info;
    });
    expect(overdue).toMatchObject({ nextFireAt: start.getTime(), state: "active" });
  });

  test("of a moment fires once, and has ended", async () => {
    await using mesh = await openMesh();
    await mesh.startWorker({ handlers: [handle(night, () => "sent")] });
    await mesh.client.schedules.put("once", { at: soon(), task: "mail.night", input: null, queue: "mail" });
    const info = await mesh.eventually("it has fired", async () => {
      const found = await mesh.client.schedules.get("once");
      return found.state === "ended" && found.runs[0]?.state === "succeeded" ? found : undefined;
    });
    expect(info.nextFireAt).toBeUndefined();
    expect(await mesh.client.schedules.next("once")).toEqual([]);
  });

  test("that is paused makes no runs, and none for that time when it is resumed", async () => {
    await using mesh = await openMesh();
    await mesh.startWorker({ handlers: [handle(night, () => "sent")] });
    const { schedules } = mesh.client;
    await schedules.put("s", { ...hourly, every: "1s", start: soon() });
    const paused = await schedules.pause("s", { reason: "moving", by: "ada" });
    expect(paused).toMatchObject({ state: "paused", version: 2, changedBy: "ada" });
    expect(paused).toMatchObject({ paused: { reason: "moving", by: "ada" } });
    const since = Date.now();
    await mesh.eventually("its first times have passed", () => Date.now() > since + 1_800);
    expect(await schedules.get("s")).toMatchObject({ fired: 0, state: "paused" });
    expect(await schedules.resume("s")).toMatchObject({ state: "active", version: 3 });
    const info = await mesh.eventually("it fires again", async () => {
      const found = await schedules.get("s");
      return found.fired > 0 ? found : undefined;
    });
    expect(info.runs[0]?.fireAt).toBeGreaterThan(since + 1_800);
    expect(info.missedCount).toBe(0);
  });

  test("makes a run by hand, also while it is paused", async () => {
    await using mesh = await openMesh();
    await mesh.startWorker({ handlers: [handle(night, ({ town }) => town)] });
    await mesh.client.schedules.put("s", hourly);
    await mesh.client.schedules.pause("s");
    const run = await mesh.client.schedules.run("s");
    expect(await run.result(PATIENT)).toBe("Hue");
    expect(await mesh.client.schedules.get("s")).toMatchObject({
      fired: 0,
      runs: [{ runId: run.id, kind: "by-hand", state: "succeeded" }],
    });
  });

  test("that is deleted is gone, and may be made again", async () => {
    await using mesh = await openMesh();
    const { schedules } = mesh.client;
    await schedules.put("s", hourly);
    await expect(schedules.delete("s", { version: 7 })).rejects.toMatchObject({ code: "conflict" });
    await schedules.delete("s", { version: 1 });
    expect(await schedules.list()).toEqual([]);
    await expect(schedules.get("s")).rejects.toMatchObject({ code: "schedule_unknown" });
    expect(await schedules.put("s", hourly, { version: 0 })).toMatchObject({ version: 1, fired: 0 });
  });
});

describe.concurrent("while a run of a schedule has not ended", () => {
  async function overlapping(mesh: TestMesh, overlap: "skip" | "queue" | "cancel-previous"): Promise<Scene> {
    const gate = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const handler = handle(slow, async (input, { signal }) => {
      most = Math.max(most, ++running);
      const aborted = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => aborted.reject(signal.reason));
      try {
        await Promise.race([gate.promise, aborted.promise]);
        return input;
      } finally {
        running -= 1;
      }
    });
    await mesh.startWorker({ handlers: [handler] });
    await mesh.client.schedules.put("s", { every: "1s", start: soon(), task: slow, input: 1, overlap });
    return { release: () => gate.resolve(), most: () => most };
  }

  interface Scene {
    release(): void;
    most(): number;
  }

  function until(mesh: TestMesh, what: string, is: (info: ScheduleInfo) => boolean): Promise<ScheduleInfo> {
    return mesh.eventually(what, async () => {
      const info = await mesh.client.schedules.get("s");
      return is(info) ? info : undefined;
    });
  }

  test("skip makes none", async () => {
    await using mesh = await openMesh();
    const { release } = await overlapping(mesh, "skip");
    const before = await until(mesh, "it has skipped twice", ({ missedCount }) => missedCount >= 2);
    expect(before).toMatchObject({ fired: 1, runs: [{ state: "running" }] });
    expect(before.missed.every(({ why }) => why === "overlap")).toBe(true);
    release();
    await until(mesh, "it fires again", ({ fired }) => fired >= 2);
    expect(mesh.log.of("schedule.missed")[0]).toMatchObject({ scheduleId: "s", why: "overlap", count: 1 });
  });

  test("queue makes one that waits for it", async () => {
    await using mesh = await openMesh();
    const { release, most } = await overlapping(mesh, "queue");
    const before = await until(mesh, "it has fired three times", ({ fired }) => fired >= 3);
    expect(before.runs.filter(({ state }) => state === "running")).toHaveLength(1);
    await mesh.client.schedules.pause("s");
    release();
    await until(mesh, "all have succeeded", ({ runs }) => runs.every(({ state }) => state === "succeeded"));
    expect(most()).toBe(1);
  });

  test("cancel-previous puts one in its place", async () => {
    await using mesh = await openMesh();
    await overlapping(mesh, "cancel-previous");
    const replaced = ({ runs }: ScheduleInfo): boolean =>
      runs.length >= 3 && runs.slice(0, -1).every(({ state }) => state === "cancelled");
    const info = await until(mesh, "the third has taken the place of two", replaced);
    expect(await mesh.client.run(info.runs[0]?.runId ?? "").info()).toMatchObject({
      state: "cancelled",
      by: "schedule:s",
    });
  });
});

test("the middleware of the worker that fires a schedule stands around its enqueue", async () => {
  await using mesh = await openMesh();
  const seen: unknown[] = [];
  const middleware = defineMiddleware({
    enqueue: async (call, next) => {
      seen.push([call.task, call.inputs, call.options.runId]);
      await next({
        ...call,
        options: { ...call.options, headers: { ...call.options.headers, tenant: "acme" } },
      });
    },
  });
  const handler = handle(night, (_, { headers }) => headers["tenant"] ?? "");
  await mesh.startWorker({ handlers: [handler], middleware: [middleware] });
  await mesh.client.schedules.put("s", { ...hourly, start: soon() });
  const [run] = await mesh.eventually("it has fired", async () => {
    const { runs } = await mesh.client.schedules.get("s");
    return runs.length === 1 ? runs : undefined;
  });
  expect(await mesh.client.run(run?.runId ?? "").result(PATIENT)).toBe("acme");
  expect(seen).toEqual([["mail.night", [{ town: "Hue" }], run?.runId]]);
});

test("ticks are no runs: they are not counted, listed or cancelled", async () => {
  await using mesh = await openMesh();
  await mesh.client.schedules.put("s", hourly);
  await using connection = await connectTo(mesh);
  expect(await countWaiting(connection)).toMatchObject({ queues: [], strangers: 0 });
  expect((await mesh.client.runs.list()).runs).toEqual([]);
  expect(await mesh.client.cancelMatching({ all: true })).toMatchObject({ cancelled: 0, unknown: 0 });
});
