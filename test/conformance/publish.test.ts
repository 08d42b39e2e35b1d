import { encodeHeaders, EXPECT_SEQUENCE, provisionStreams, Publisher } from "@umbel/broker";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { respondTo } from "./helpers/responder.ts";
import { firstPublish, readySubject, runIds, storedRuns } from "./helpers/runs.ts";

const broker = useBroker("R1");
const body = new Uint8Array(16);

describe("a message", () => {
  test("is stored, with its place in the stream", async () => {
    await using mesh = await freshMesh(broker);
    const first = await mesh.publisher.publish(firstPublish(mesh.name, "a"));
    const second = await mesh.publisher.publish(firstPublish(mesh.name, "b"));
    expect([first, second]).toEqual([
      { sequence: 1, repeated: false },
      { sequence: 2, repeated: false },
    ]);
  });

  test("expected to be the first on its subject is refused when it is not", async () => {
    await using mesh = await freshMesh(broker);
    await mesh.publisher.publish(firstPublish(mesh.name, "a"));
    const error = await rejection(mesh.publisher.publish(firstPublish(mesh.name, "a")));
    expect(error).toMatchObject({ code: "conflict", details: { apiCode: 10071 } });
    expect(await storedRuns(mesh.connection)).toBe(1);
  });

  test("expected to replace another is stored only if that is still the last", async () => {
    await using mesh = await freshMesh(broker);
    const { sequence } = await mesh.publisher.publish(firstPublish(mesh.name, "a"));
    const replace = (expected: number) =>
      mesh.publisher.publish({
        subject: readySubject(mesh.name, "a"),
        body,
        headers: encodeHeaders([[EXPECT_SEQUENCE, String(expected)]]),
      });
    await expect(replace(sequence)).resolves.toMatchObject({ sequence: sequence + 1 });
    await expect(rejection(replace(sequence))).resolves.toMatchObject({ code: "conflict" });
  });

  test("is told how it went after submit has returned, also when it cannot be sent", async () => {
    await using mesh = await freshMesh(broker);
    const told: string[] = [];
    const submit = (runId: string, size: number): void =>
      mesh.publisher.submit({
        ...firstPublish(mesh.name, runId),
        body: new Uint8Array(size),
        onStored: () => told.push(`${runId} stored`),
        onRefused: ({ code }) => told.push(`${runId} ${code}`),
      });
    submit("a", 1);
    submit("b", 100_000_000);
    expect(told).toEqual([]);
    await eventually("both are told", () => told.length === 2);
    expect(told.toSorted()).toEqual(["a stored", "b payload_too_large"]);
  });
});

describe("many messages", () => {
  test("are on their way at once, and each is answered for itself", async () => {
    await using mesh = await freshMesh(broker);
    const { publisher } = mesh;
    const ids = runIds("run", 5_000);
    const answers = ids.map((id) => publisher.publish(firstPublish(mesh.name, id)));
    expect(publisher.pending).toBe(5_000);
    const stored = await Promise.all(answers);
    expect(new Set(stored.map(({ sequence }) => sequence)).size).toBe(5_000);
    expect(publisher.pending).toBe(0);
    expect(await storedRuns(mesh.connection)).toBe(5_000);
  });

  test("are refused for themselves: a conflict among them changes nothing for the rest", async () => {
    await using mesh = await freshMesh(broker);
    const ids = ["a", "b", "a", "c", "b", "d"];
    const settled = await Promise.allSettled(
      ids.map((id) => mesh.publisher.publish(firstPublish(mesh.name, id))),
    );
    expect(settled.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
  });

  test("beyond the limit wait until others are answered, in whatever order that happens", async () => {
    await using mesh = await freshMesh(broker);
    using publisher = new Publisher(mesh.connection, { maxInFlight: 2 });
    const other = await mesh.connect();
    const responder = await respondTo(other, "held.*");
    const answers = runIds("held.", 4).map((subject) =>
      publisher.publish({ subject, body, headers: undefined }),
    );
    await eventually("two arrive", () => responder.seen.length === 2);
    await mesh.connection.flush();
    await other.flush();
    expect(responder.seen).toHaveLength(2);
    expect(publisher.pending).toBe(4);
    responder.confirm(1, 11);
    await expect(answers[1]).resolves.toMatchObject({ sequence: 11 });
    await eventually("the third arrives", () => responder.seen.length === 3);
    responder.confirm(0, 10);
    responder.confirm(2, 12);
    await eventually("the last arrives", () => responder.seen.length === 4);
    responder.confirm(3, 13);
    const stored = await Promise.all(answers);
    expect(stored.map(({ sequence }) => sequence)).toEqual([10, 11, 12, 13]);
    expect(publisher.pending).toBe(0);
  });
});

// A leader that was stopped refuses a repeat for its first try, which is lost with that leader a moment later.
describe("refused because another write to the subject is on its way", () => {
  const ON_ITS_WAY = 10164;

  test("a message is sent again, with the headers of a repeat, until it is stored", async () => {
    await using mesh = await freshMesh(broker);
    const responder = await respondTo(await mesh.connect(), "busy.*");
    const answer = mesh.publisher.publish({
      subject: "busy.a",
      body,
      headers: encodeHeaders([["Try", "first"]]),
      repeatHeaders: () => encodeHeaders([["Try", "again"]]),
    });
    await eventually("it is sent", () => responder.seen.length === 1);
    responder.refuse(0, ON_ITS_WAY);
    await eventually("it is sent again", () => responder.seen.length === 2);
    responder.confirm(1, 7);
    await expect(answer).resolves.toEqual({ sequence: 7, repeated: true });
    expect(responder.seen.map(({ headers }) => headers?.get("Try"))).toEqual(["first", "again"]);
  });

  test("a message is a conflict only once the other write is stored", async () => {
    await using mesh = await freshMesh(broker);
    const responder = await respondTo(await mesh.connect(), "late.*");
    const refusal = rejection(
      mesh.publisher.publish({ subject: "late.a", body, headers: encodeHeaders([["Try", "first"]]) }),
    );
    await eventually("it is sent", () => responder.seen.length === 1);
    responder.refuse(0, ON_ITS_WAY);
    await eventually("it is sent again", () => responder.seen.length === 2);
    responder.refuse(1, 10071);
    expect(await refusal).toMatchObject({ code: "conflict" });
  });
});

describe("without an answer", () => {
  test("a message is sent again with the headers of a repeat, and the answer to either counts once", async () => {
    await using mesh = await freshMesh(broker);
    using publisher = new Publisher(mesh.connection, { answerTimeoutMs: 150 });
    const responder = await respondTo(await mesh.connect(), "lost.*");
    const answer = publisher.publish({
      subject: "lost.a",
      body,
      headers: encodeHeaders([["Try", "first"]]),
      repeatHeaders: () => encodeHeaders([["Try", "again"]]),
    });
    await eventually("it is sent again", () => responder.seen.length >= 2);
    responder.confirm(responder.seen.length - 1, 7);
    await expect(answer).resolves.toEqual({ sequence: 7, repeated: true });
    const tries = responder.seen.map(({ headers }) => headers?.get("Try"));
    expect(tries).toEqual(["first", ...tries.slice(1).map(() => "again")]);
  });

  test("it is given up as unconfirmed, not before the time for it", async () => {
    await using mesh = await freshMesh(broker);
    using publisher = new Publisher(mesh.connection, { answerTimeoutMs: 50, giveUpAfterMs: 400 });
    await respondTo(await mesh.connect(), "lost.*");
    const since = performance.now();
    const error = await rejection(publisher.publish({ subject: "lost.a", body, headers: undefined }));
    expect(performance.now() - since).toBeGreaterThanOrEqual(400);
    expect(error).toMatchObject({ code: "unconfirmed", retryable: true, details: { giveUpAfterMs: 400 } });
    expect(publisher.pending).toBe(0);
  });
});

describe("while nothing takes it", () => {
  test("a message waits for its stream", async () => {
    await using mesh = await freshMesh(broker);
    const connection = await mesh.connect({ mesh: `${mesh.name}-later` });
    using publisher = new Publisher(connection);
    const answer = publisher.publish(firstPublish(connection.mesh, "a"));
    await connection.flush();
    await provisionStreams(connection);
    await expect(answer).resolves.toEqual({ sequence: 1, repeated: true });
  });

  test("it is given up as not stored, with the reason", async () => {
    await using mesh = await freshMesh(broker);
    using publisher = new Publisher(mesh.connection, { answerTimeoutMs: 50, giveUpAfterMs: 300 });
    const error = await rejection(publisher.publish({ subject: "nowhere", body, headers: undefined }));
    expect(error).toMatchObject({ code: "broker_unavailable", details: { status: 503 } });
  });
});

describe("a message that is too large", () => {
  test("for the server is payload_too_large, with both sizes, and harms no other", async () => {
    await using mesh = await freshMesh(broker);
    const { maxPayloadBytes } = mesh.connection;
    const publish = (size: number, runId: string) =>
      mesh.publisher.publish({ ...firstPublish(mesh.name, runId), body: new Uint8Array(size) });
    const [error] = await Promise.all([rejection(publish(maxPayloadBytes, "large")), publish(1, "small")]);
    expect(error).toMatchObject({
      code: "payload_too_large",
      details: { subject: readySubject(mesh.name, "large"), limitBytes: maxPayloadBytes },
    });
    expect(error.details["sizeBytes"]).toBeGreaterThan(maxPayloadBytes);
    expect(mesh.connection.connected).toBe(true);
    expect(await storedRuns(mesh.connection)).toBe(1);
  });

  test("for the stream is payload_too_large", async () => {
    await using mesh = await freshMesh(broker);
    const { manager, streams } = mesh.connection;
    await manager.streams.update(streams.tasks, { max_msg_size: 1_024 });
    const large = { ...firstPublish(mesh.name, "a"), body: new Uint8Array(2_048) };
    await expect(rejection(mesh.publisher.publish(large))).resolves.toMatchObject({
      code: "payload_too_large",
      details: { apiCode: 10054 },
    });
  });
});

describe("after the end", () => {
  test("of the publisher: in flight is unconfirmed, waiting and later is connection_closed", async () => {
    await using mesh = await freshMesh(broker);
    const publisher = new Publisher(mesh.connection, { maxInFlight: 1 });
    await respondTo(await mesh.connect(), "lost.*");
    const publish = (subject: string) => rejection(publisher.publish({ subject, body, headers: undefined }));
    const answers = [publish("lost.sent"), publish("lost.waiting")];
    publisher[Symbol.dispose]();
    publisher[Symbol.dispose]();
    const errors = await Promise.all([...answers, publish("lost.later")]);
    expect(errors.map(({ code }) => code)).toEqual(["unconfirmed", "connection_closed", "connection_closed"]);
    expect(publisher.pending).toBe(0);
  });

  test("of the connection: the same", async () => {
    await using mesh = await freshMesh(broker);
    const connection = await mesh.connect();
    using publisher = new Publisher(connection, { maxInFlight: 1 });
    await respondTo(await mesh.connect(), "lost.*");
    const publish = (subject: string) => rejection(publisher.publish({ subject, body, headers: undefined }));
    const answers = [publish("lost.sent"), publish("lost.waiting")];
    await connection.close();
    const errors = await Promise.all([...answers, publish("lost.later")]);
    expect(errors.map(({ code }) => code)).toEqual(["unconfirmed", "connection_closed", "connection_closed"]);
    expect(publisher.pending).toBe(0);
  });
});
