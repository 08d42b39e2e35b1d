import { encodeHeaders, findRunMessage } from "@umbel/broker";
import {
  controlSubject,
  deadLetterSubject,
  encode,
  noticeSubject,
  recordSubject,
  RUN_HEADER,
} from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, gated, quick } from "../helpers/tasks.ts";

// What strangers publish on the subjects of a mesh ends no worker and no client, and loses no run.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

const GARBAGE: readonly Uint8Array[] = [
  new Uint8Array(),
  new Uint8Array([0xc1]),
  new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff]),
  new TextEncoder().encode('{"runId":"x"}'),
  encode(null),
  encode({ runId: 5 }),
  encode({ runId: "x".repeat(100_000) }),
  encode({ state: "succeeded" }),
  encode([[[[]]]]),
];

async function publishAll(mesh: TestMesh, subject: string): Promise<void> {
  await using connection = await connectTo(mesh);
  for (const body of GARBAGE) connection.nats.publish(subject, body);
  await connection.flush();
}

test("garbage where cancels and outcomes are announced changes nothing", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const other = await mesh.connect();
  const worker = await mesh.startWorker({ modules: [LOOP] });
  const run = await mesh.client.enqueue(gated, { journal: journal.path });
  const results = [run.result(PATIENT), other.run(run.id).result(PATIENT)];
  await mesh.eventually("it has started", () => journal.starts().length === 1);
  await publishAll(mesh, controlSubject(mesh.name, "cancel"));
  await publishAll(mesh, noticeSubject(mesh.name, run.id));
  await journal.open("all");
  expect(await Promise.all(results)).toEqual([process.pid, process.pid]);
  expect(worker.unreadyReason).toBeUndefined();
});

test("garbage in place of a run's record is replaced by the run's outcome", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  const runs = [
    await mesh.client.enqueue(echo, { journal: journal.path, value: 1 }, { runId: "chosen" }),
    await mesh.client.enqueue(echo, { journal: journal.path, value: 1 }),
  ];
  for (const { id } of runs) {
    await connection.nats.request(recordSubject(mesh.name, id), new Uint8Array([0xc1]));
    expect(await mesh.client.run(id).state()).toBe("unknown");
  }
  await mesh.startWorker({ modules: [LOOP], ackWait: "1s" });
  expect(await Promise.all(runs.map((run) => run.result(PATIENT)))).toEqual([1, 1]);
  await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
});

test("garbage among the dead letters is listed as such, and hides no letter", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  await publishAll(mesh, deadLetterSubject(mesh.name, "q", { task: "t", runId: "by-hand" }));
  const letters = await mesh.eventually("it is stored", async () => {
    const found = await mesh.deadLetters();
    return found.length > 0 && found;
  });
  expect(letters).toMatchObject([{ queue: "q", task: "t", runId: "by-hand" }]);
  expect(letters[0]?.letter).toBeUndefined();
});

test("a message by hand that is no run can be cancelled before a worker sees it", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  await connection.nats.request(`${mesh.name}.T.default.n.test~quick.by-hand`, new Uint8Array([0xc1]));
  const run = mesh.client.run("by-hand");
  expect(await run.info()).toMatchObject({ state: "queued", queue: "default" });
  expect(await run.cancel()).toEqual({ cancelled: true });
  expect(await openRuns(connection)).toBe(0);
  expect(await run.state()).toBe("cancelled");
});

test("a run that was published by hand, as the protocol says, is executed like any other", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  await mesh.startWorker({ modules: [LOOP] });
  await connection.nats.request(`${mesh.name}.T.default.h.test~quick.from-elsewhere`, encode(7), {
    headers: encodeHeaders([[RUN_HEADER, `1;test.quick;${Date.now()};elsewhere`]]),
    timeout: 5_000,
  });
  expect(await mesh.client.run("from-elsewhere").result(PATIENT)).toBe(7);
});

test("messages where no worker looks stay where they are, and can be found", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  await mesh.startWorker({ modules: [LOOP] });
  for (const place of ["S.default.d.test~quick", "T.default.x.test~quick"]) {
    await connection.nats.request(`${mesh.name}.${place}.stray-${place[0]}`, encode(1));
  }
  const run = await mesh.client.enqueue(quick, 1);
  expect(await run.result(PATIENT)).toBe(1);
  await mesh.eventually("only the strays are left", async () => (await openRuns(connection)) === 2);
  expect(await findRunMessage(connection, "stray-T")).toMatchObject({ address: undefined });
});
