import { connectBroker, findDeadLetter, readDeadLetters, removeDeadLetter } from "@umbel/broker";
import { startServer } from "@umbel/nats-server";
import { deadLetterFilter, deadLetterSubject, encodeDeadLetter, type DeadLetter } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";

const LETTER: DeadLetter = {
  reason: "exhausted",
  at: 5,
  attempts: 1,
  starts: 1,
  errors: [],
  subject: "s",
  headers: {},
  body: new Uint8Array([0xc0]),
};

async function put(
  mesh: FreshMesh,
  runId: string,
  place: { queue?: string; task?: string } = {},
): Promise<number> {
  const { queue = "q", task = "a.b" } = place;
  const subject = deadLetterSubject(mesh.name, queue, { task, runId });
  const request = { subject, body: encodeDeadLetter(LETTER), headers: undefined };
  return (await mesh.publisher.publish(request)).sequence;
}

describe.each(["R1", "R3"] as const)("on %s, a dead letter", (replication) => {
  const broker = useBroker(replication);

  test("is found by its run, and removed by its place: once, and no later one of the same run", async () => {
    await using mesh = await freshMesh(broker);
    const { connection } = mesh;
    const first = await put(mesh, "a");
    await expect(findDeadLetter(connection, "a")).resolves.toEqual({
      sequence: first,
      queue: "q",
      task: "a.b",
      runId: "a",
      letter: LETTER,
    });
    expect(await removeDeadLetter(connection, first)).toBe(true);
    expect(await findDeadLetter(connection, "a")).toBeUndefined();
    const second = await put(mesh, "a");
    expect(await removeDeadLetter(connection, first)).toBe(false);
    expect(await findDeadLetter(connection, "a")).toMatchObject({ sequence: second });
    expect(await findDeadLetter(connection, "b")).toBeUndefined();
  });

  test("is read among those of its queue and its task", async () => {
    await using mesh = await freshMesh(broker);
    const { connection, name } = mesh;
    await put(mesh, "a");
    await put(mesh, "b", { queue: "other" });
    await put(mesh, "c", { task: "a" });
    const last = await put(mesh, "d");
    const read = async (queue?: string, task?: string): Promise<readonly string[]> => {
      const filter = deadLetterFilter(name, queue, task);
      return (await readDeadLetters(connection, { filter, after: 0, limit: 9 })).letters.map(
        ({ runId }) => runId,
      );
    };
    await expect.poll(() => read()).toEqual(["a", "b", "c", "d"]);
    expect(await read("q")).toEqual(["a", "c", "d"]);
    expect(await read("q", "a.b")).toEqual(["a", "d"]);
    expect(await read(undefined, "a")).toEqual(["c"]);
    const filter = deadLetterFilter(name, undefined, undefined);
    const page = await readDeadLetters(connection, { filter, after: last - 1, limit: 1 });
    expect(page).toMatchObject({ more: false, letters: [{ runId: "d", letter: LETTER }] });
  });

  test("that is none is told as such", async () => {
    await using mesh = await freshMesh(broker);
    const { publisher, connection, name } = mesh;
    await publisher.publish({ subject: `${name}.D.q.t.x`, body: Buffer.from("{}"), headers: undefined });
    expect(await findDeadLetter(connection, "x")).toMatchObject({ runId: "x", letter: undefined });
  });
});

test("removing a dead letter without the right is permission_denied", async () => {
  await using server = await startServer({
    extraConfig: `authorization { users: [
      { user: u, password: p, permissions: { publish: { deny: ["$JS.API.STREAM.MSG.DELETE.>"] } } }
    ] }`,
  });
  await using connection = await connectBroker({ servers: server.url, user: "u", password: "p" });
  await expect(rejection(removeDeadLetter(connection, 1))).resolves.toMatchObject({
    code: "permission_denied",
  });
});
