import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  connectBroker,
  provisionStreams,
  publishBatch,
  Publisher,
  type BrokerConnection,
} from "@umbel/broker";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshMeshName } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { firstPublish, readySubject, storedRuns } from "./helpers/runs.ts";

let server: LocalServer;
beforeAll(async () => {
  server = await startServer({
    extraConfig: `
      authorization { users: [
        { user: free, password: p }
        { user: bound, password: p, permissions: { publish: { deny: ["*.T.secret.>"] } } }
        { user: deaf, password: p, permissions: { subscribe: { deny: ["nothing"] } } }
      ] }`,
  });
});
afterAll(() => server.stop());

const as = (user: string, mesh: string): Promise<BrokerConnection> =>
  connectBroker({ servers: server.url, user, password: "p", mesh });

test("a publish that the user may not make is permission_denied and names the subject; others go through", async () => {
  const mesh = freshMeshName();
  await using free = await as("free", mesh);
  await provisionStreams(free);
  await using bound = await as("bound", mesh);
  using publisher = new Publisher(bound);
  const place = { queue: "secret" };
  const [denied, stored] = await Promise.all([
    rejection(publisher.publish(firstPublish(mesh, "a", place))),
    publisher.publish(firstPublish(mesh, "b")),
  ]);
  expect(denied).toMatchObject({
    code: "permission_denied",
    details: { operation: "publish", subject: readySubject(mesh, "a", place) },
  });
  expect(denied.message).toContain(`may not publish to "${readySubject(mesh, "a", place)}"`);
  expect(stored).toEqual({ sequence: 1, repeated: false });
});

test("a batch with one message that the user may not publish is permission_denied, and nothing is stored", async () => {
  const mesh = freshMeshName();
  await using free = await as("free", mesh);
  await provisionStreams(free);
  await using bound = await as("bound", mesh);
  const denied = readySubject(mesh, "b", { queue: "secret" });
  const subjects = [readySubject(mesh, "a"), denied, readySubject(mesh, "c")];
  const batch = subjects.map((subject) => ({ subject, body: new Uint8Array(), headers: [] }));
  await expect(rejection(publishBatch(bound, batch))).resolves.toMatchObject({
    code: "permission_denied",
    details: { operation: "publish", subject: denied },
  });
  expect(await storedRuns(free)).toBe(0);
});

test("a user who may no longer hear the answers: what was sent is unconfirmed, what follows is not sent", async () => {
  const mesh = freshMeshName();
  await using deaf = await as("deaf", mesh);
  using publisher = new Publisher(deaf);
  const sent = rejection(publisher.publish({ subject: "lost", body: new Uint8Array(), headers: undefined }));
  await deaf.flush();
  await takeInboxesAway(server);
  await expect(sent).resolves.toMatchObject({ code: "unconfirmed", cause: { code: "permission_denied" } });
  const later = await rejection(publisher.publish(firstPublish(mesh, "a")));
  expect(later).toMatchObject({ code: "permission_denied", details: { operation: "subscription" } });
  expect(later.message).toContain("may not subscribe to");
});

async function takeInboxesAway({ storeDir, pid }: LocalServer): Promise<void> {
  const file = join(storeDir, "nats-server.conf");
  const config = await readFile(file, "utf8");
  await writeFile(file, config.replace('"nothing"', '"_INBOX.>"'));
  process.kill(pid, "SIGHUP");
}
