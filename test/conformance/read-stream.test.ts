import { connectBroker, encodeHeaders, readLastMessages, readStream, type ReadMessage } from "@umbel/broker";
import { startServer } from "@umbel/nats-server";
import { recordSubject } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { firstPublish, readySubject, runIds } from "./helpers/runs.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe.each(["R1", "R3"] as const)("on %s, reading a stream", (replication) => {
  const broker = useBroker(replication);

  async function fill(mesh: FreshMesh, ids: readonly string[]): Promise<number[]> {
    const sequences: number[] = [];
    for (const id of ids)
      sequences.push((await mesh.publisher.publish(firstPublish(mesh.name, id))).sequence);
    await settled(mesh, sequences.at(-1) ?? 0);
    return sequences;
  }

  // A replica may be a moment behind.
  async function settled(mesh: FreshMesh, sequence: number): Promise<void> {
    const { connection } = mesh;
    await expect
      .poll(
        async () =>
          (await readStream(connection, connection.streams.tasks, { limit: 10_000 })).messages.at(-1)
            ?.sequence,
      )
      .toBe(sequence);
  }

  test("gives its messages in order, page by page, and says whether there are more", async () => {
    await using mesh = await freshMesh(broker);
    const { connection } = mesh;
    await fill(mesh, runIds("a", 5));
    const { tasks } = connection.streams;
    const first = await readStream(connection, tasks, { limit: 3 });
    expect(first.messages.map(({ subject }) => subject)).toEqual(
      runIds("a", 3).map((id) => readySubject(mesh.name, id)),
    );
    expect(first.more).toBe(true);
    const after = first.messages.at(-1)?.sequence ?? 0;
    const second = await readStream(connection, tasks, { limit: 3, after });
    expect(second.messages.map(({ sequence }) => sequence)).toEqual([after + 1, after + 2]);
    expect(second.more).toBe(false);
    const end = await readStream(connection, tasks, { limit: 3, after: after + 2 });
    expect(end).toEqual({ messages: [], more: false });
  });

  test("gives only what a filter matches, with its headers, its body and its time", async () => {
    await using mesh = await freshMesh(broker);
    const { connection, publisher, name } = mesh;
    await fill(mesh, ["a"]);
    const before = Date.now();
    const subject = readySubject(name, "b", { queue: "other" });
    // What the publisher calls its own like the server's is not taken for it.
    const headers = encodeHeaders([
      ["tenant", "acme"],
      ["Nats-Subject", "forged"],
      ["Nats-Sequence", "0"],
    ]);
    const { sequence } = await publisher.publish({ subject, body: Buffer.from("body"), headers });
    await settled(mesh, sequence);
    const filter = `${name}.*.other.*.*.*`;
    const { messages, more } = await readStream(connection, connection.streams.tasks, { filter, limit: 9 });
    expect(more).toBe(false);
    const [message, ...others] = messages;
    expect(others).toEqual([]);
    expect(message).toMatchObject({ subject, sequence });
    expect(text(message?.body ?? new Uint8Array())).toBe("body");
    expect(message?.header("tenant")).toBe("acme");
    expect(message?.header("absent")).toBeUndefined();
    expect(Math.abs((message?.storedAt ?? 0) - before)).toBeLessThan(60_000);
  });

  test("stops when enough bytes are read, and goes on behind them", async () => {
    await using mesh = await freshMesh(broker);
    const { connection, publisher, name } = mesh;
    for (const id of runIds("large", 4)) {
      const request = { ...firstPublish(name, id), body: new Uint8Array(100_000) };
      await publisher.publish(request);
    }
    await settled(mesh, 4);
    const seen: number[] = [];
    for (let more = true; more;) {
      const page = await readStream(connection, connection.streams.tasks, {
        limit: 100,
        maxBytes: 150_000,
        after: seen.at(-1) ?? 0,
      });
      expect(page.messages.length).toBeLessThan(4);
      seen.push(...page.messages.map(({ sequence }) => sequence));
      more = page.more;
    }
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test("can begin at a time", async () => {
    await using mesh = await freshMesh(broker);
    const { connection } = mesh;
    await fill(mesh, ["early"]);
    const { tasks } = connection.streams;
    const storedAt = (await readStream(connection, tasks, { limit: 1 })).messages[0]?.storedAt ?? 0;
    const between = storedAt + 50;
    await expect.poll(() => Date.now()).toBeGreaterThan(between + 50);
    await fill(mesh, ["late"]);
    const { messages } = await readStream(connection, tasks, { limit: 9, storedSince: between });
    expect(messages.map(({ subject }) => subject)).toEqual([readySubject(mesh.name, "late")]);
    const future = await readStream(connection, tasks, { limit: 9, storedSince: Date.now() + 3_600_000 });
    expect(future).toEqual({ messages: [], more: false });
  });

  test("gives the last messages of many subjects at once, of some none", async () => {
    await using mesh = await freshMesh(broker);
    const { connection, publisher } = mesh;
    const ids = runIds("x", 1_000);
    const even = ids.filter((_, index) => index % 2 === 0);
    const stored = await Promise.all(
      even.map((id) =>
        publisher.publish({
          subject: recordSubject(mesh.name, id),
          body: Buffer.from(id),
          headers: undefined,
        }),
      ),
    );
    const subjects = ids.map((id) => recordSubject(mesh.name, id));
    const read = async (): Promise<readonly ReadMessage[]> =>
      readLastMessages(connection, connection.streams.results, subjects);
    await expect.poll(async () => (await read()).length).toBe(stored.length);
    expect((await read()).map(({ body }) => text(body)).toSorted()).toEqual(even.toSorted());
    expect(await readLastMessages(connection, connection.streams.results, [])).toEqual([]);
    const none = [recordSubject(mesh.name, "nobody")];
    expect(await readLastMessages(connection, connection.streams.results, none)).toEqual([]);
  });
});

describe("reading a stream fails", () => {
  const broker = useBroker("R1");

  test("with broker_unavailable when there is none", async () => {
    await using connection = await connectBroker({ servers: broker.urls, mesh: freshMeshName() });
    const error = await rejection(readStream(connection, connection.streams.tasks, { limit: 1 }));
    expect(error).toMatchObject({ code: "broker_unavailable" });
  });

  test("with permission_denied for a user who may not", async () => {
    await using server = await startServer({
      extraConfig: `authorization { users: [
        { user: u, password: p, permissions: { publish: { deny: ["$JS.API.DIRECT.GET.>"] } } }
      ] }`,
    });
    await using connection = await connectBroker({ servers: server.url, user: "u", password: "p" });
    const error = await rejection(readStream(connection, connection.streams.tasks, { limit: 1 }));
    expect(error).toMatchObject({
      code: "permission_denied",
      details: { subject: "$JS.API.DIRECT.GET.UMBEL_TASKS" },
    });
  });

  test("when the connection is lost", async () => {
    await using server = await startServer();
    await using connection = await connectBroker({ servers: server.url });
    await server.stop();
    const error = await rejection(readStream(connection, connection.streams.tasks, { limit: 1 }));
    expect(["broker_unavailable", "connection_closed"]).toContain(error.code);
  });
});
