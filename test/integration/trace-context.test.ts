import { context, ROOT_CONTEXT, trace, TraceFlags } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { createTestMesh } from "@umbel/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP, THREADS } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { inspect, inspectThread, type Seen } from "../helpers/tasks.ts";

// Without an SDK nothing is recorded, and a trace that comes from elsewhere still goes all the way.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const traceId = "0af7651916cd43dd8448eb211c80319c";
const incoming = trace.setSpanContext(ROOT_CONTEXT, {
  traceId,
  spanId: "b7ad6b7169203331",
  traceFlags: TraceFlags.SAMPLED,
});

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
});
afterAll(() => context.disable());

test("the enqueuer's trace reaches a handler on the loop, one on a thread, and what they enqueue", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await mesh.spawnWorker({ modules: [LOOP, THREADS], threads: 1 });
  const input = { journal: journal.path };
  const onLoop = await context.with(incoming, () => mesh.client.enqueue(inspect, input));
  expect(await onLoop.result(PATIENT)).toMatchObject({ traceId });

  const onThread = await context.with(incoming, () => mesh.client.enqueue(inspectThread, input));
  const seenOnThread = await onThread.result(PATIENT);
  expect(seenOnThread).toMatchObject({ traceId });
  expect(await mesh.client.run<Seen>(seenOnThread.childId).result(PATIENT)).toMatchObject({ traceId });

  const [bulk] = await context.with(incoming, () => mesh.client.enqueueMany(inspect, [input]));
  expect(await bulk?.result(PATIENT)).toMatchObject({ traceId });
  const untraced = await mesh.client.enqueue(inspect, input);
  expect((await untraced.result(PATIENT)).traceId).toBeUndefined();
});

test("headers of the enqueuer's own reach a handler on the loop and one on a thread", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await mesh.spawnWorker({ modules: [LOOP, THREADS], threads: 1 });
  const headers = { "X-Tenant": "sieben", "x-Flag": "" };
  for (const task of [inspect, inspectThread]) {
    const run = await mesh.client.enqueue(task, { journal: journal.path }, { headers });
    expect((await run.result(PATIENT)).headers).toEqual(headers);
  }
});
