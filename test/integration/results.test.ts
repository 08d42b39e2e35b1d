import { setMaxListeners } from "node:events";
import { ResultTimeout, TaskFailed } from "@umbel/client";
import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, fail, gated, quick } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

describe("a result", () => {
  test("is had by its run id from any client, before and after the run has ended", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const other = await mesh.connect();
    const run = await mesh.client.enqueue(gated, { journal: journal.path });
    const early = other.run<number>(run.id).result(PATIENT);
    await mesh.eventually("it has started", () => journal.starts(run.id).length > 0);
    await journal.open("all");
    expect(await early).toBe(process.pid);
    const late = await mesh.connect();
    expect(await late.run(run.id).result(PATIENT)).toBe(process.pid);
    expect(await late.run(run.id).result(PATIENT)).toBe(process.pid);
  });

  test("of every kind of value arrives as it was returned", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const value = {
      none: null,
      text: "ä€𝄞",
      number: -1.5,
      big: 2n ** 70n,
      when: new Date(0),
      bytes: new Uint8Array([0, 255]),
      list: [[], [1]],
      map: new Map([["k", new Set([1, 2])]]),
    };
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value });
    expect(await run.result(PATIENT)).toStrictEqual(value);
    const nothing = await mesh.client.enqueue(echo, { journal: journal.path, value: undefined });
    expect(await nothing.result(PATIENT)).toBeUndefined();
  });

  test("reaches hundreds that wait for the same run", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const other = await mesh.connect();
    const run = await mesh.client.enqueue(gated, { journal: journal.path });
    const waiting = Array.from({ length: 300 }, (_, index) =>
      (index % 2 === 0 ? run : other.run<number>(run.id)).result(PATIENT),
    );
    await mesh.startWorker({ modules: [LOOP] });
    await mesh.eventually("it has started", () => journal.starts(run.id).length > 0);
    await journal.open("all");
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([process.pid]));
  });

  test("that does not come in time is a ResultTimeout, and the run goes on", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const run = await mesh.client.enqueue(quick, 3);
    const error = await rejection(run.result({ timeout: "50ms" }));
    expect(error).toBeInstanceOf(ResultTimeout);
    expect(error).toMatchObject({
      code: "result_timeout",
      retryable: true,
      runId: run.id,
      details: { runId: run.id, timeoutMs: 50 },
    });
    await mesh.startWorker({ modules: [LOOP] });
    expect(await run.result(PATIENT)).toBe(3);
  });

  test("is waited for until the caller's signal aborts, whose reason is thrown", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const run = await mesh.client.enqueue(quick, 3);
    const caller = new AbortController();
    setMaxListeners(0, caller.signal);
    const waiting = run.result({ signal: caller.signal });
    const reason = new Error("the caller has gone");
    caller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(run.result({ signal: caller.signal })).rejects.toBe(reason);
    expect(await run.state()).toBe("queued");
  });

  test("of a run that nobody knows is refused instead of waited for", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const unknown = mesh.client.run("never-enqueued");
    expect(await rejection(unknown.result())).toMatchObject({
      code: "run_unknown",
      details: { runId: "never-enqueued" },
    });
    expect(await unknown.state()).toBe("unknown");
  });

  test("that is waited for when the mesh is closed is refused", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const other = await mesh.connect();
    const run = await other.enqueue(quick, 3);
    const waiting = rejection(run.result());
    await other.close();
    expect(await waiting).toMatchObject({ code: "connection_closed" });
    expect(await rejection(other.enqueue(quick, 4))).toMatchObject({ code: "connection_closed" });
  });
});

test("a failure tells what the handler threw, every time that it did", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await mesh.startWorker({ modules: [LOOP] });
  const run = await mesh.client.enqueue(fail, { journal: journal.path, message: "no such file" });
  const error = await rejection(run.result(PATIENT));
  if (!(error instanceof TaskFailed)) throw error;
  expect(error.message).toBe(
    `run ${run.id} of test.fail failed after 3 attempts (exhausted): Error: no such file`,
  );
  expect(error).toMatchObject({
    code: "run_failed",
    runId: run.id,
    details: { runId: run.id, task: "test.fail", attempts: 3, reason: "exhausted" },
    error: { name: "Error", message: "no such file", stack: expect.stringContaining("loop-handlers") },
  });
  expect(error.errors.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
});

test("an outcome is kept for as long as the call says, and forgotten then", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  await mesh.startWorker({ modules: [LOOP] });
  const short = await mesh.client.enqueue(quick, 1, { resultTtl: "1s", runId: "chosen" });
  const long = await mesh.client.enqueue(quick, 2);
  expect(await short.result(PATIENT)).toBe(1);
  await long.result(PATIENT);
  await mesh.waitForState(short.id, "unknown");
  expect(await long.state()).toBe("succeeded");
});
