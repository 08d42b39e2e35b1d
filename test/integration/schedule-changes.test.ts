import { createTestMesh, type TestMesh } from "@umbel/testing";
import { defineTask, handle } from "@umbel/worker";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
const HOUR_MS = 3_600_000;

const night = defineTask<{ readonly town: string }, string>({ name: "mail.night", queue: "mail" });
const sized = defineTask({ name: "sized", input: z.object({ size: z.int().positive() }) });

const hourly = { every: "1h", task: night, input: { town: "Hue" } } as const;

function soon(ms = 600): Date {
  return new Date(Date.now() + ms);
}

function openMesh(): Promise<TestMesh> {
  return createTestMesh({ server: shared.url });
}

describe.concurrent("editing", () => {
  test("keeps history, counters and pause; what it does not change stays", async () => {
    await using mesh = await openMesh();
    await mesh.startWorker({ handlers: [handle(night, () => "sent")] });
    const { schedules } = mesh.client;
    await schedules.put("s", { ...hourly, start: soon(), overlap: "skip", description: "old" });
    await mesh.eventually("it has fired", async () => (await schedules.get("s")).fired === 1);
    await schedules.pause("s");
    const edited = await schedules.edit(
      "s",
      { cron: "0 22 * * *", timeZone: "Asia/Ho_Chi_Minh" },
      { by: "ada" },
    );
    expect(edited).toMatchObject({
      version: 3,
      changedBy: "ada",
      when: { kind: "cron", cron: "0 22 * * *", timeZone: "Asia/Ho_Chi_Minh" },
      input: { town: "Hue" },
      queue: "mail",
      overlap: "skip",
      description: "old",
      state: "paused",
      fired: 1,
      runs: [{ kind: "on-time" }],
    });
    expect(await schedules.put("s", { ...hourly, every: "2h" })).toMatchObject({ version: 4, fired: 1 });
    expect(await schedules.put("s", { ...hourly, every: "2h" })).toMatchObject({ version: 4 });
  });

  test("of what somebody else has edited meanwhile is a conflict, and changes nothing", async () => {
    await using mesh = await openMesh();
    const { schedules } = mesh.client;
    const { version } = await schedules.put("s", hourly);
    await schedules.edit("s", { every: "2h" }, { version, by: "ada" });
    const change = { version, by: "bob" };
    for (const stale of [
      () => schedules.put("s", { ...hourly, every: "3h" }, change),
      () => schedules.edit("s", { every: "3h" }, change),
      () => schedules.pause("s", change),
      () => schedules.resume("s", change),
    ]) {
      await expect(stale()).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringMatching(
          /^schedule s: expected version 1, and it is at version 2, changed by ada at /,
        ),
      });
    }
    await expect(schedules.put("s", hourly, { version: 0 })).rejects.toMatchObject({ code: "conflict" });
    await expect(schedules.put("new", hourly, { version: 3 })).rejects.toThrow("and there is none");
    expect(await schedules.get("s")).toMatchObject({ when: { everyMs: 2 * HOUR_MS }, version: 2 });
  });

  test("by many at once loses none of it", async () => {
    await using mesh = await openMesh();
    const { schedules } = mesh.client;
    await schedules.put("s", hourly);
    const edits = Array.from({ length: 10 }, (_, index) => schedules.pause("s", { by: `editor ${index}` }));
    await Promise.all(edits);
    expect(await schedules.get("s")).toMatchObject({ version: 11 });
  });
});

describe.concurrent("bad input changes nothing, and says what is wrong", () => {
  test.each([
    [{ cron: "0 25 * * *" }, 'The hour "25" is wrong'],
    [{ cron: "@daily", timeZone: "Europe/Pari" }, 'Did you mean "Europe/Paris"?'],
    [{ every: "10ms" }, 'every: expected at least "1s"'],
    [{ at: "2026-01-01T00:00:00" }, "ISO 8601 text with a zone"],
    [{ at: new Date(0) }, "a moment to come"],
    [{ cron: "@daily", end: new Date(0) }, "a moment to come"],
    [{ cron: "@daily", every: "1h" }, "exactly one of cron, every, at and solar"],
    [{}, "exactly one of cron, every, at and solar"],
    [{ every: "1h", timeZone: "UTC" }, "only cron goes by the clocks of a zone"],
    [{ cron: "@daily", catchUp: "lates" }, 'Did you mean "latest"?'],
    [{ cron: "@daily", overlap: "cancel" }, "overlap: expected one of allow, skip, queue, cancel-previous"],
    [{ cron: "@daily", catchup: "all" }, 'Did you mean "catchUp"?'],
    [{ cron: "@daily", dst: { gap: "both" } }, "dst.gap: expected one of after, skip"],
    [{ cron: "@daily", maxRuns: 0 }, "maxRuns: expected a whole number from 1"],
    [{ cron: "@daily", priority: "high", overlap: "queue" }, 'expected no overlap "queue" beside a priority'],
    [{ cron: "@daily", priority: "high", key: "k" }, "expected no key beside a priority"],
    [{ cron: "@daily", tags: Array.from({ length: 16 }, (_, index) => `tag ${index}`) }, "at most 15 tags"],
    [{ solar: { event: "sunsit", latitude: 0, longitude: 0 } }, 'Did you mean "sunset"?'],
    [{ solar: { event: "sunset", latitude: 91, longitude: 0 } }, "degrees from -90 to 90"],
  ])("%j", async (settings, message) => {
    await using mesh = await openMesh();
    // As a program without types has it.
    const options: { readonly task: string } = { task: "mail.night", ...settings };
    await expect(mesh.client.schedules.put("s", options)).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining(message),
    });
    expect(await mesh.client.schedules.list()).toEqual([]);
  });

  test("an input that its task does not take, an id that is none, an id that nobody knows", async () => {
    await using mesh = await openMesh();
    const { schedules } = mesh.client;
    await expect(
      schedules.put("s", { cron: "@daily", task: sized, input: { size: -1 } }),
    ).rejects.toMatchObject({
      code: "schema_violation",
    });
    await expect(
      schedules.put("s", { cron: "@daily", task: "big", input: "x".repeat(300_000) }),
    ).rejects.toMatchObject({ code: "payload_too_large" });
    await expect(schedules.put("a.b", hourly)).rejects.toThrow("id: expected the id of a schedule");
    await schedules.put("good-night", hourly);
    for (const unknown of [
      () => schedules.get("god-night"),
      () => schedules.pause("god-night"),
      () => schedules.run("god-night"),
    ]) {
      await expect(unknown()).rejects.toMatchObject({
        code: "schedule_unknown",
        message: 'there is no schedule "god-night" in this mesh. Did you mean "good-night"?',
      });
    }
  });
});

describe.concurrent("a declared list", () => {
  const list = [
    { id: "a", ...hourly },
    { id: "b", cron: "0 22 * * *", timeZone: "Europe/Paris", task: "mail.night" },
  ] as const;
  const NOTHING = { created: [], updated: [], unchanged: [], edited: [], removed: [], deleted: false };

  test("is made so, and what it declares no more is deleted only when asked for", async () => {
    await using mesh = await openMesh();
    const { schedules } = mesh.client;
    expect(await schedules.sync(list, { dryRun: true })).toEqual({ ...NOTHING, created: ["a", "b"] });
    expect(await schedules.list()).toEqual([]);
    expect(await schedules.sync(list)).toEqual({ ...NOTHING, created: ["a", "b"] });
    expect(await schedules.sync(list)).toEqual({ ...NOTHING, unchanged: ["a", "b"] });
    await schedules.put("by-hand", hourly);
    await schedules.sync([{ id: "c", ...hourly }], { source: "others" });
    const [first] = list;
    const changed = [{ ...first, every: "2h" }] as const;
    expect(await schedules.sync(changed)).toEqual({ ...NOTHING, updated: ["a"], removed: ["b"] });
    expect((await schedules.list()).map(({ id }) => id)).toEqual(["a", "b", "by-hand", "c"]);
    expect(await schedules.sync(changed, { remove: true })).toEqual({
      ...NOTHING,
      unchanged: ["a"],
      removed: ["b"],
      deleted: true,
    });
    expect((await schedules.list()).map(({ id }) => id)).toEqual(["a", "by-hand", "c"]);
  });

  test("leaves alone what others have edited since, until it changes itself", async () => {
    await using mesh = await openMesh();
    const { schedules } = mesh.client;
    await schedules.sync(list);
    await schedules.edit("a", { every: "3h" }, { by: "ada" });
    await schedules.pause("b");
    expect(await schedules.sync(list)).toEqual({ ...NOTHING, unchanged: ["b"], edited: ["a"] });
    expect(await schedules.get("a")).toMatchObject({ when: { everyMs: 3 * HOUR_MS } });
    expect(await schedules.sync(list.map((entry) => ({ ...entry, description: "new" })))).toMatchObject({
      updated: ["a", "b"],
    });
    expect(await schedules.get("a")).toMatchObject({ when: { everyMs: HOUR_MS } });
    expect(await schedules.get("b")).toMatchObject({ state: "paused", description: "new" });
  });

  test("with a mistake in it, or of what another list declares, changes nothing", async () => {
    await using mesh = await openMesh();
    const { schedules } = mesh.client;
    await expect(schedules.sync([list[0], { id: "b", cron: "0 25 * * *", task: "x" }])).rejects.toThrow(
      /^schedule b: cron: .*The hour "25" is wrong/,
    );
    const past = { id: "b", at: "2020-01-01T00:00:00Z", task: "x" };
    await expect(schedules.sync([list[0], past])).rejects.toThrow(
      /^schedule b: at: expected a moment to come/,
    );
    await expect(schedules.sync([list[0], { ...list[0] }])).rejects.toThrow("every id once");
    expect(await schedules.list()).toEqual([]);
    await schedules.sync(list, { source: "others" });
    await expect(schedules.sync([{ ...list[0], every: "2h" }])).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining('schedule a is declared by the list "others"'),
    });
    expect(await schedules.get("a")).toMatchObject({ version: 1 });
  });

  test("of a worker is synced when it starts", async () => {
    await using mesh = await openMesh();
    const handlers = [handle(night, () => "sent")];
    await mesh.client.schedules.sync([{ id: "old", ...hourly }]);
    const worker = await mesh.startWorker({ handlers, schedules: list });
    expect((await mesh.client.schedules.list()).map(({ id, source }) => [id, source])).toEqual([
      ["a", "code"],
      ["b", "code"],
      ["old", "code"],
    ]);
    expect(await mesh.client.schedules.get("a")).toMatchObject({ changedBy: worker.id });
    expect(mesh.log.of("schedule.undeclared")).toMatchObject([{ scheduleIds: ["old"] }]);
    const wrong = mesh.startWorker({ handlers, schedules: [{ id: "a", task: "x", cron: "bad" }] });
    await expect(wrong).rejects.toThrow(/^schedule a: cron: expected a cron expression/);
  });
});
