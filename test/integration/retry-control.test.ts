import { fixed } from "@umbel/client";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  carefulLoop,
  carefulThread,
  hurried,
  ownBackoff,
  pickyLoop,
  pickyThread,
  type ThrowingInput,
  type Thrown,
} from "../helpers/failing-tasks.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { FAILING, FAILING_THREADS } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

let journal: Journal;
let mesh: TestMesh;

beforeAll(async () => {
  journal = await createJournal();
  mesh = await createTestMesh({ server: shared.url });
  await mesh.startWorker({ modules: [FAILING, FAILING_THREADS], threads: 1 });
});
afterAll(async () => {
  await mesh.close();
  await journal[Symbol.asyncDispose]();
});

const throwing = (throws: Thrown, times?: number): ThrowingInput => ({
  journal: journal.path,
  throws,
  ...(times === undefined ? {} : { times }),
});
const delaysOf = (runId: string): unknown[] =>
  mesh.log
    .of("run.retrying")
    .filter((line) => line["runId"] === runId)
    .map(({ delayMs }) => delayMs);

describe("a backoff of one's own", () => {
  test("decides each delay from the attempt and its error", async () => {
    const run = await mesh.client.enqueue(ownBackoff, throwing({}, 2));
    expect(await run.result(PATIENT)).toBe(3);
    expect(delaysOf(run.id)).toEqual([40, 80]);
  });

  test("that throws is named in the log, and the default backoff stands in: the run is not lost", async () => {
    const run = await mesh.client.enqueue(ownBackoff, throwing({ code: "BROKEN" }, 1));
    expect(await run.result(PATIENT)).toBe(2);
    const fault = mesh.log.of("retry.option_failed").find((line) => line["runId"] === run.id);
    expect(fault).toMatchObject({
      option: "retry.backoff",
      level: "warn",
      attempt: 1,
      err: { message: "the backoff has no idea" },
    });
  });

  test("is not asked when the call has a backoff", async () => {
    const retry = { backoff: fixed(5, { jitter: "none" }) } as const;
    const run = await mesh.client.enqueue(ownBackoff, throwing({}, 2), { retry });
    expect(await run.result(PATIENT)).toBe(3);
    expect(delaysOf(run.id)).toEqual([5, 5]);
  });
});

describe.each([
  ["on the loop", pickyLoop, carefulLoop],
  ["on a thread", pickyThread, carefulThread],
])("a task %s says which errors are tried again:", (_, picky, careful) => {
  test.each<[string, Thrown]>([
    ["a code", { code: "EAGAIN" }],
    ["a name", { name: "TypeError" }],
    ["the code of a cause", { causeCode: "EAGAIN" }],
  ])("%s that it lists is", async (_name, throws) => {
    const run = await mesh.client.enqueue(picky, throwing(throws, 1));
    expect(await run.result(PATIENT)).toBe(2);
  });

  test("what it does not list is not, and the outcome says so", async () => {
    const run = await mesh.client.enqueue(picky, throwing({ code: "EACCES" }, 1));
    expect(await rejection(run.result(PATIENT))).toMatchObject({
      details: { reason: "discarded", attempts: 1 },
      message: expect.stringContaining("retryOn"),
    });
    expect(await run.info()).toMatchObject({ state: "failed", errors: [{ error: { code: "EACCES" } }] });
    expect(journal.starts(run.id)).toHaveLength(1);
  });

  test("what its function discards is not, and what it does not is", async () => {
    const hopeless = await mesh.client.enqueue(careful, throwing({ message: "hopeless case" }, 1));
    const hopeful = await mesh.client.enqueue(careful, throwing({ message: "a case" }, 1));
    expect(await rejection(hopeless.result(PATIENT))).toMatchObject({ details: { reason: "discarded" } });
    expect(await hopeful.result(PATIENT)).toBe(2);
    expect(journal.starts(hopeless.id)).toHaveLength(1);
  });

  test("an error that asks for time gets it, wherever it was thrown", async () => {
    const byHeader = await mesh.client.enqueue(careful, throwing({ header: "1" }, 1));
    const byField = await mesh.client.enqueue(careful, throwing({ retryAfterMs: 300 }, 1));
    expect(await byHeader.result(PATIENT)).toBe(2);
    expect(await byField.result(PATIENT)).toBe(2);
    expect(delaysOf(byHeader.id)).toEqual([1_000]);
    expect(delaysOf(byField.id)).toEqual([300]);
    const [first, second] = journal.starts(byHeader.id);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });
});

describe("a run with a maximum elapsed time", () => {
  test("fails when its next attempt would come later than that, and says so", async () => {
    const run = await mesh.client.enqueue(hurried, throwing({}));
    expect(await rejection(run.result(PATIENT))).toMatchObject({ details: { reason: "exhausted" } });
    const { finishedAt = 0, enqueuedAt = 0, reason, errors } = await run.info();
    expect(reason).toBe(
      "the next attempt would come later than maxElapsed, 450 ms after the run was first due",
    );
    const starts = journal.starts(run.id);
    expect(errors).toHaveLength(starts.length);
    expect(starts.length).toBeLessThanOrEqual(5);
    for (const { at } of starts.slice(1)) expect(at - enqueuedAt).toBeGreaterThanOrEqual(100);
    expect(finishedAt - enqueuedAt).toBeGreaterThan(350);
  });

  test("counts it from when it is due, not from when it was enqueued", async () => {
    const run = await mesh.client.enqueue(hurried, throwing({}, 1), {
      delay: "2500ms",
      retry: { maxElapsed: "2s" },
    });
    expect(await run.result(PATIENT)).toBe(2);
  });

  test("takes that of its call rather than that of its task, and so the attempts", async () => {
    const patient = await mesh.client.enqueue(hurried, throwing({}, 5), { retry: { maxElapsed: "1h" } });
    expect(await patient.result(PATIENT)).toBe(6);
    const once = await mesh.client.enqueue(hurried, throwing({}), { retry: { maxAttempts: 1 } });
    expect(await rejection(once.result(PATIENT))).toMatchObject({ details: { attempts: 1 } });
    const late = await mesh.client.enqueue(pickyLoop, throwing({ code: "EAGAIN" }), {
      retry: { maxElapsed: 1, maxAttempts: Number.POSITIVE_INFINITY },
    });
    expect(await rejection(late.result(PATIENT))).toMatchObject({
      details: { attempts: 1, reason: "exhausted" },
      message: expect.stringContaining("maxElapsed"),
    });
  });
});
