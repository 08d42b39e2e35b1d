import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventPublisher, readEvents } from "@umbel/broker";
import { eventSubject, eventTuple, type EventBatch } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { startServer } from "@umbel/nats-server";
import { connectBroker, inspectStreams, provisionStreams } from "@umbel/broker";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName, type FreshMesh } from "./helpers/fresh-mesh.ts";

const stopped = (reason: number): ReturnType<typeof eventTuple> =>
  eventTuple("worker.stopped", 1_700_000_000_000 + reason, { durationMs: reason });

/** Read in the background until the signal aborts. */
function follow(mesh: FreshMesh, signal: AbortSignal, since?: Date): EventBatch[] {
  const seen: EventBatch[] = [];
  const read = async (): Promise<void> => {
    const options = { signal, ...(since === undefined ? {} : { since }) };
    for await (const batch of readEvents(mesh.connection, options)) seen.push(batch);
  };
  read().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return seen;
}

const durations = (batches: readonly EventBatch[]): unknown[] =>
  batches.flatMap(({ events }) =>
    events.map((event) => (event.type === "worker.stopped" ? event.durationMs : event)),
  );

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.each(["R1", "R3"] as const)("events on %s", (replication) => {
  const broker = useBroker(replication);

  test("come in the order of their process, many in one message, numbered", async () => {
    await using mesh = await freshMesh(broker);
    using watching = abortedAtEnd();
    const seen = follow(mesh, watching.signal, new Date(0));
    await using events = new EventPublisher(mesh.connection, { role: "worker", id: "w.1" });
    for (const number of upTo(1_000)) events.record(stopped(number));
    events.flush();
    await eventually("all are read", () => durations(seen).length === 1_000, { timeoutMs: 20_000 });
    expect(durations(seen)).toEqual(upTo(1_000));
    expect(seen.length).toBeLessThan(10);
    let next = 0;
    for (const { source, first, count } of seen) {
      expect({ source, first }).toEqual({ source: { role: "worker", id: "w.1" }, first: next });
      next = first + count;
    }
  });

  test("of one kind share a message entry until it is sent", async () => {
    await using mesh = await freshMesh(broker);
    using watching = abortedAtEnd();
    const seen = follow(mesh, watching.signal, new Date(0));
    await using events = new EventPublisher(mesh.connection, { role: "client", id: "c" });
    const runIds = ["a"];
    const enqueued = [0, Date.now(), runIds, "t", "q", "normal"];
    events.record(enqueued);
    for (const id of ["b", "c"]) if (events.extend(enqueued)) runIds.push(id);
    events.record(stopped(1));
    expect(events.extend(enqueued), "another one came after it").toBe(false);
    events.flush();
    expect(events.extend(enqueued), "it is sent").toBe(false);
    await eventually("it is read", () => seen.length > 0, { timeoutMs: 20_000 });
    expect(seen.map(({ first, count }) => ({ first, count }))).toEqual([{ first: 0, count: 4 }]);
    const told = seen.flatMap((batch) => batch.events);
    expect(told.map((event) => ("runId" in event ? event.runId : event.type))).toEqual([
      "a",
      "b",
      "c",
      "worker.stopped",
    ]);
  });

  test("are told without a call, and are replayed or not as asked", async () => {
    await using mesh = await freshMesh(broker);
    using watching = abortedAtEnd();
    await using events = new EventPublisher(mesh.connection, { role: "client", id: "c" });
    const early = follow(mesh, watching.signal, new Date(0));
    events.record(stopped(1));
    await eventually("the first is read", () => early.length === 1, { timeoutMs: 20_000 });
    const since = new Date();
    const late = follow(mesh, watching.signal);
    await eventually(
      "the late one sees what is new",
      () => {
        events.record(stopped(2));
        return late.length > 0;
      },
      { timeoutMs: 20_000 },
    );
    expect(durations(late)).not.toContain(1);
    const replay = follow(mesh, watching.signal, since);
    await eventually("the replay sees it", () => replay.length > 0, { timeoutMs: 20_000 });
    expect(durations(replay)).not.toContain(1);
  });

  test("that are no batch are left out", async () => {
    await using mesh = await freshMesh(broker);
    using watching = abortedAtEnd();
    const subject = eventSubject(mesh.name, { role: "worker", id: "stranger" });
    for (const text of ["", "no", "{}", "[2]", '[1,"worker","w",0,1,0,[],[[99,0]]]']) {
      mesh.connection.broadcast(subject, new TextEncoder().encode(text));
    }
    await using events = new EventPublisher(mesh.connection, { role: "worker", id: "w" });
    events.record(stopped(7));
    const seen = follow(mesh, watching.signal, new Date(0));
    await eventually("the good one is read", () => durations(seen).length === 1, { timeoutMs: 20_000 });
    expect(durations(seen)).toEqual([7]);
  });
});

test("while the broker is away, the oldest are dropped, which the numbers tell", async () => {
  await using server = disposable(await startServer());
  await using mesh = await freshMesh({ urls: [server.url], replicas: 1 });
  using watching = abortedAtEnd();
  const seen = follow(mesh, watching.signal, new Date(0));
  await using events = new EventPublisher(mesh.connection, { role: "worker", id: "w" });
  events.record(stopped(-1));
  await eventually("the first is read", () => seen.length === 1, { timeoutMs: 20_000 });
  await server.kill();
  await eventually("it is noticed", () => !mesh.connection.connected, { timeoutMs: 20_000 });
  for (const number of upTo(20_000)) events.record(stopped(number));
  await server.restart();
  await eventually("the last is read", () => durations(seen).at(-1) === 19_999, { timeoutMs: 30_000 });
  const kept = durations(seen).slice(1);
  expect(kept.length).toBeGreaterThan(10_000);
  expect(kept.length).toBeLessThan(20_000);
  expect(kept).toEqual(upTo(20_000).slice(-kept.length));
  expect(seen[1]?.first).toBe(1 + 20_000 - kept.length);
});

test("a server with little room makes a smaller stream of events, and all else as it must be", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "umbel-little-room-"));
  const limits = `store_dir: "${folder.path}", max_file_store: 200MB, max_memory_store: 1MB`;
  await using server = disposable(await startServer({ extraConfig: `jetstream { ${limits} }` }));
  await using connection = await connectBroker({ servers: server.url, mesh: freshMeshName() });
  await provisionStreams(connection);
  const { config } = await connection.manager.streams.info(connection.streams.events);
  expect(config.max_bytes).toBe(67_108_864);
  expect((await inspectStreams(connection)).flatMap(({ differences }) => differences)).toEqual([]);
});

function abortedAtEnd(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() };
}

function disposable<T extends { stop(): Promise<void> }>(server: T): T & AsyncDisposable {
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.stop() });
}
