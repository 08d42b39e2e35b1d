import { createTestMesh, type TestMesh } from "@umbel/testing";
import { defineTask, handle, type Handler } from "@umbel/worker";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP, THREADS } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { crash, echo, hang, rest, slowRetry, spin, spinForever } from "../helpers/tasks.ts";

// A run whose time is over: `expires` ends runs that nobody wants any more, `deadline` all that should be over.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const MISSED = { code: "run_failed", details: { reason: "deadline" } };

// The outcome is known before its dead letter is kept.
function onlyReason(mesh: TestMesh): Promise<unknown> {
  return mesh.eventually("there is a dead letter", async () => {
    const [stored] = await mesh.deadLetters();
    return stored?.letter?.reason;
  });
}

describe("a run that expires at a moment", () => {
  test("never starts after it, and says that it expired", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const expires = new Date(Date.now() + 2_000);
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 }, { expires });
    const iso = await mesh.client.enqueue(
      echo,
      { journal: journal.path, value: 1 },
      { expires: expires.toISOString(), delay: "50ms" },
    );
    await mesh.eventually("it has passed", () => Date.now() > expires.getTime());
    await mesh.startWorker({ modules: [LOOP] });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_expired" });
    expect(await rejection(iso.result(PATIENT))).toMatchObject({ code: "run_expired" });
    expect(journal.starts()).toEqual([]);
    expect(await mesh.deadLetters()).toEqual([]);
  });

  test("does not start again after it: it has expired as soon as that is known", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path, failures: 9 };
    const run = await mesh.client.enqueue(slowRetry, input, { expires: new Date(Date.now() + 110_000) });
    expect(await rejection(run.result(PATIENT))).toMatchObject({
      code: "run_expired",
      errors: [{ attempt: 1 }],
    });
    expect(journal.starts()).toHaveLength(1);
  });

  test("has expired then, although no worker knows its task and it was put off for longer", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const expires = Date.now() + 3_500;
    const run = await mesh.client.enqueueByName("nobody.knows", {}, { expires: new Date(expires) });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_expired" });
    const delays = mesh.log.of("run.unknown_task").map(({ delayMs }) => Number(delayMs));
    // The delays double from one second: 1 s, 2 s, and then what is left of 3.5 s.
    expect(delays.length).toBeGreaterThan(1);
    expect(delays.at(-1)).toBeLessThan(2_000);
  });
});

describe("at the deadline of a run", () => {
  test("the attempt that executes is aborted, which ends the run as failed with a dead letter", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP], abortGrace: "100ms" });
    const input = { journal: journal.path };
    const run = await mesh.client.enqueue(rest, { ...input, ms: 60_000 }, { deadline: "500ms" });
    expect(await rejection(run.result(PATIENT))).toMatchObject({
      ...MISSED,
      error: { code: "deadline_exceeded" },
    });
    expect(await onlyReason(mesh)).toBe("deadline");
    const deaf = await mesh.client.enqueue(hang, input, { deadline: "500ms", timeout: "1h" });
    expect(await rejection(deaf.result(PATIENT))).toMatchObject(MISSED);
    expect(journal.starts()).toHaveLength(2);
  });

  test("a thread is killed that does not listen", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [THREADS], queues: ["cpu"], threads: 1, abortGrace: "100ms" });
    const input = { journal: journal.path };
    // The thread has started.
    await (await mesh.client.enqueue(spin, { ...input, ms: 1 })).result(PATIENT);
    const options = { deadline: "2s", retry: { maxAttempts: 5 } } as const;
    const run = await mesh.client.enqueue(spinForever, input, options);
    expect(await rejection(run.result(PATIENT))).toMatchObject(MISSED);
    expect(await mesh.log.waitFor("thread.killed")).toMatchObject({ runId: run.id, reason: "deadline" });
    expect(journal.starts(run.id)).toHaveLength(1);
  });

  test("a run that nobody has started has expired, without a dead letter", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { deadline: "50ms" } as const;
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 }, options);
    await mesh.eventually(
      "it has passed",
      async () => Date.now() > ((await run.info()).enqueuedAt ?? 0) + 50,
    );
    await mesh.startWorker({ modules: [LOOP] });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_expired" });
    expect(journal.starts()).toEqual([]);
    expect(await mesh.deadLetters()).toEqual([]);
  });

  test("a run whose next attempt would come later has failed at once, with the error of its last", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path, failures: 9 };
    const run = await mesh.client.enqueue(slowRetry, input, { deadline: "100s" });
    expect(await rejection(run.result(PATIENT))).toMatchObject({
      ...MISSED,
      error: { message: "attempt 1 has failed" },
    });
    expect(await onlyReason(mesh)).toBe("deadline");
  });

  test("a run whose worker has died meanwhile is not started again: it has failed", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const worker = { modules: [LOOP], ackWait: "1s" } as const;
    const deadlineAt = Date.now() + 15_000;
    const options = { deadline: new Date(deadlineAt), runId: "doomed" };
    const run = await mesh.client.enqueue(crash, { journal: journal.path, times: 9 }, options);
    await (
      await mesh.spawnWorker(worker)
    ).exited;
    await mesh.eventually("it has passed", () => Date.now() > deadlineAt);
    await mesh.startWorker(worker);
    // Its id was chosen, so its first start was recorded: that one counts.
    expect(await rejection(run.result(PATIENT))).toMatchObject({
      ...MISSED,
      error: { code: "deadline_exceeded", message: expect.stringContaining("after 1 start,") },
    });
    expect(journal.starts()).toHaveLength(1);
  });
});

test("a handler is told the earlier of its timeout and its run's deadline", async () => {
  const told: (number | undefined)[] = [];
  const tell = defineTask<null, null>({ name: "tell", deadline: "1h" });
  const handler: Handler = handle(tell, (_, { deadline }) => {
    told.push(deadline);
    return null;
  });
  await using mesh = await createTestMesh({ server: shared.url });
  await mesh.startWorker({ handlers: [handler] });
  const run = await mesh.client.enqueue(tell, null, { timeout: "2h" });
  await run.result(PATIENT);
  expect(told[0]).toBe(((await run.info()).enqueuedAt ?? 0) + 3_600_000);
  const before = Date.now();
  await (await mesh.client.enqueue(tell, null, { timeout: "1m" })).result(PATIENT);
  expect(told[1]).toBeGreaterThanOrEqual(before + 60_000);
  expect(told[1]).toBeLessThanOrEqual(Date.now() + 60_000);
});
