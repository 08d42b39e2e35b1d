import { RunRecords, Publisher, type BrokerConnection } from "@umbel/broker";
import { recordSubject } from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { forgotten, forgottenThread } from "../helpers/failing-tasks.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { FAILING, FAILING_THREADS, LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { discard, echo } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

let journal: Journal;
let mesh: TestMesh;
let connection: BrokerConnection;

beforeAll(async () => {
  journal = await createJournal();
  mesh = await createTestMesh({ server: shared.url });
  connection = await connectTo(mesh);
  await mesh.startWorker({ modules: [FAILING, FAILING_THREADS, LOOP], threads: 1 });
});
afterAll(async () => {
  await connection.close();
  await mesh.close();
  await journal[Symbol.asyncDispose]();
});

/** How long the record of a run is kept, and whether it has a result. */
async function stored(
  runId: string,
): Promise<{ ttl: string; hasResult: boolean; state: string | undefined }> {
  const message = await connection.manager.streams.getMessage(connection.streams.results, {
    last_by_subj: recordSubject(mesh.name, runId),
  });
  using publisher = new Publisher(connection);
  const found = await new RunRecords(connection, publisher).read(runId);
  const record = found?.record;
  return {
    ttl: message?.header.get("Nats-TTL") ?? "",
    hasResult: record !== undefined && "result" in record,
    state: record?.state,
  };
}

describe("a run whose result is ignored", () => {
  test("ends with an outcome that has none, and is kept for a short time", async () => {
    const run = await mesh.client.enqueue(forgotten, { journal: journal.path, value: "unread" });
    expect(await run.result(PATIENT)).toBeUndefined();
    expect(await stored(run.id)).toEqual({ ttl: "300s", hasResult: false, state: "succeeded" });
    expect(await run.info()).toMatchObject({ state: "succeeded", attempt: 1 });
  });

  test("may return on a thread what could not be stored", async () => {
    const run = await mesh.client.enqueue(forgottenThread, { journal: journal.path, value: 1 });
    expect(await run.result(PATIENT)).toBeUndefined();
    expect(await run.state()).toBe("succeeded");
  });

  test("is one by its call, or is none by its call", async () => {
    const input = { journal: journal.path, value: "read" };
    const ignored = await mesh.client.enqueue(echo, input, { ignoreResult: true });
    const kept = await mesh.client.enqueue(forgotten, input, { ignoreResult: false });
    expect(await ignored.result(PATIENT)).toBeUndefined();
    expect(await kept.result(PATIENT)).toBe("read");
    expect(await stored(kept.id)).toMatchObject({ ttl: "86400s", hasResult: true });
  });

  test("is kept for as long as its call says", async () => {
    const input = { journal: journal.path, value: 1 };
    const run = await mesh.client.enqueue(forgotten, input, { resultTtl: "2h" });
    await run.result(PATIENT);
    expect(await stored(run.id)).toMatchObject({ ttl: "7200s", hasResult: false });
  });

  test("keeps its failure as any run does, with its dead letter", async () => {
    const run = await mesh.client.enqueue(discard, { journal: journal.path }, { ignoreResult: true });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_failed" });
    expect(await stored(run.id)).toMatchObject({ ttl: "86400s", state: "failed" });
    await mesh.eventually("it is in the dead letters", async () => (await mesh.deadLetters()).length === 1);
  });

  test("is not executed again under the same id while its outcome is kept", async () => {
    const input = { journal: journal.path, value: 1 };
    for (let time = 1; time <= 2; time++) {
      const run = await mesh.client.enqueue(forgotten, input, { runId: "only-once" });
      expect(await run.result(PATIENT)).toBeUndefined();
    }
    expect(journal.starts("only-once")).toHaveLength(1);
  });
});
