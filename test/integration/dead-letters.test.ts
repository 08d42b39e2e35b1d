import { headers as natsHeadersOf, type MsgHdrs } from "@nats-io/transport-node";
import { decode, encode, PROTOCOL_VERSION } from "@umbel/protocol";
import { createTestMesh, type StoredDeadLetter, type TestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { crash, discard, echo, fail, quick, strict } from "../helpers/tasks.ts";

// Promise 5: a run whose failure is final is in the dead letters, with enough to redrive it.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

function natsHeaders(pairs: readonly (readonly [string, string])[]): MsgHdrs {
  const headers = natsHeadersOf();
  for (const [name, value] of pairs) headers.append(name, value);
  return headers;
}

/** The one dead letter of the mesh, once nothing waits any more. */
async function onlyLetter(mesh: TestMesh): Promise<StoredDeadLetter> {
  await using connection = await connectTo(mesh);
  await mesh.eventually("every message is settled", async () => (await openRuns(connection)) === 0);
  const [first, ...others] = await mesh.deadLetters();
  if (first === undefined || others.length > 0) throw new Error(`${others.length + 1} dead letters`);
  return first;
}

describe("a run has one dead letter, with its input, its headers and its errors,", () => {
  test("when its attempts are exhausted", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path };
    const run = await mesh.client.enqueue(fail, input, { headers: { "X-Tenant": "ümlaut" } });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_failed" });
    const { letter, ...where } = await onlyLetter(mesh);
    expect(where).toMatchObject({ runId: run.id, task: "test.fail", queue: "default" });
    expect(letter).toMatchObject({ reason: "exhausted", attempts: 3, starts: 3 });
    expect(letter?.errors.map(({ attempt, error }) => [attempt, error.message])).toEqual([
      [1, "attempt 1 has failed"],
      [2, "attempt 2 has failed"],
      [3, "attempt 3 has failed"],
    ]);
    expect(letter?.errors[0]?.error).toMatchObject({ name: "Error", stack: expect.stringContaining(".ts") });
    expect(decode(letter?.body ?? new Uint8Array())).toEqual(input);
    expect(letter?.headers).toMatchObject({
      "X-Tenant": "ümlaut",
      Umbel: expect.stringMatching(/^1;test\.fail;\d+;/),
    });
    expect(letter?.subject).toBe(`${mesh.name}.T.default.n.test~fail.${run.id}`);
  });

  test("when its handler discards it", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const run = await mesh.client.enqueue(discard, { journal: journal.path });
    expect(await rejection(run.result(PATIENT))).toMatchObject({
      code: "run_failed",
      details: { reason: "discarded", attempts: 1 },
    });
    expect((await onlyLetter(mesh)).letter).toMatchObject({
      reason: "discarded",
      errors: [{ error: { name: "DiscardRequest", message: "not wanted any more" } }],
    });
    expect(journal.starts()).toHaveLength(1);
  });

  test.each([
    { what: "input", size: -1, message: "size: Too small", starts: 0 },
    { what: "result", size: 101, message: "size: Too big", starts: 1 },
  ])(
    "when its $what violates the schema, without another attempt",
    async ({ what, size, message, starts }) => {
      await using journal = await createJournal();
      await using mesh = await createTestMesh({ server: shared.url });
      await mesh.startWorker({ modules: [LOOP] });
      const input = { journal: journal.path, size };
      const run = await mesh.client.enqueueByName(strict.name, input);
      expect(await rejection(run.result(PATIENT))).toMatchObject({ details: { reason: "discarded" } });
      const { letter } = await onlyLetter(mesh);
      expect(letter?.errors).toMatchObject([
        { error: { code: "schema_violation", message: expect.stringContaining(message) } },
      ]);
      expect(letter?.errors[0]?.error.message).toContain(`${what} of test.strict`);
      expect(decode(letter?.body ?? new Uint8Array())).toEqual(input);
      expect(journal.starts()).toHaveLength(starts);
    },
  );

  test("when no worker knows its task for long enough", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP], unknownTaskGrace: "1500ms" });
    const run = await mesh.client.enqueueByName("test.ekho", { a: 1 });
    const waiting = await mesh.log.waitFor("run.unknown_task");
    expect(waiting).toMatchObject({ runId: run.id, task: "test.ekho", delivery: 1 });
    const info = await mesh.eventually("its record says so", async () => {
      const { state, attempt, starts } = await run.info();
      return starts !== undefined && { state, attempt, starts };
    });
    expect(info).toEqual({ state: "queued", attempt: 0, starts: 0 });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ details: { reason: "unknown-task" } });
    const { letter } = await onlyLetter(mesh);
    expect(letter?.errors).toMatchObject([{ error: { code: "unknown_task" } }]);
    expect(letter?.errors[0]?.error.message).toContain('Did you mean "test.echo"?');
    expect(decode(letter?.body ?? new Uint8Array())).toEqual({ a: 1 });
  });

  test("when it kills its worker again and again, and the queue flows on", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const run = await mesh.client.enqueue(crash, { journal: journal.path, times: 1_000 });
    const worker = { modules: [LOOP], ackWait: "1s", crashLoopLimit: 2 } as const;
    // The first start leaves no mark; the two that are allowed do.
    for (let start = 1; start <= 3; start++) {
      const doomed = await mesh.spawnWorker(worker);
      expect(await doomed.exited).toMatchObject({ signal: "SIGKILL" });
      expect(journal.starts(run.id)).toHaveLength(start);
    }
    const last = await mesh.spawnWorker(worker);
    const other = await mesh.client.enqueue(quick, 5);
    expect(await other.result(PATIENT)).toBe(5);
    expect(await rejection(run.result(PATIENT))).toMatchObject({ details: { reason: "crash-loop" } });
    expect((await onlyLetter(mesh)).letter).toMatchObject({
      reason: "crash-loop",
      errors: [{ error: { code: "crash_loop" } }],
    });
    expect(journal.starts(run.id)).toHaveLength(3);
    expect(await last.log.waitFor("run.crash_loop")).toMatchObject({ runId: run.id, maxStarts: 2 });
  });
});

test("a run of an unknown task is executed when a worker that knows it comes in time", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const old = await mesh.spawnWorker({ modules: [new URL("thread-handlers.ts", LOOP)], queues: ["default"] });
  const run = await mesh.client.enqueue(echo, { journal: journal.path, value: "new" });
  await old.log.waitFor("run.unknown_task");
  old.kill("SIGTERM");
  await mesh.startWorker({ modules: [LOOP] });
  expect(await run.result(PATIENT)).toBe("new");
  expect(journal.starts(run.id)).toMatchObject([{ attempt: 1, start: 1 }]);
  expect(await mesh.deadLetters()).toEqual([]);
});

test("a run whose input is as large as it may be has a dead letter with all of it", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ extraConfig: "max_payload: 256KB" });
  await mesh.startWorker({ modules: [LOOP], ackWait: "1s" });
  const tooLarge = await rejection(
    mesh.client.enqueue(fail, { journal: journal.path, message: "x".repeat(262_144) }),
  );
  const input = { journal: journal.path, message: "x".repeat(Number(tooLarge.details["limit"]) - 200) };
  await mesh.client.enqueue(fail, input);
  const { letter } = await onlyLetter(mesh);
  expect(decode(letter?.body ?? new Uint8Array())).toEqual(input);
});

test("a message by hand that is as large as the server takes is in the dead letters too", async () => {
  await using mesh = await createTestMesh({ extraConfig: "max_payload: 256KB" });
  await using connection = await connectTo(mesh);
  await mesh.startWorker({ modules: [LOOP], ackWait: "1s" });
  const subject = `${mesh.name}.T.default.n.test~fail.by-hand`;
  connection.nats.publish(subject, new Uint8Array(connection.maxPayloadBytes));
  await connection.flush();
  await mesh.log.waitFor("run.dead_lettered");
  expect((await onlyLetter(mesh)).letter).toMatchObject({ reason: "undecodable", subject });
});

describe("a message that was published by hand and cannot be read is a dead letter at once:", () => {
  const header = `${PROTOCOL_VERSION};test.quick;1;me`;
  const good = encode(1);
  test.each([
    { what: "without a header", headers: [], body: good },
    { what: "with an empty header", headers: [["Umbel", ""]], body: good },
    { what: "of another version", headers: [["Umbel", "2;test.quick;1;me"]], body: good },
    { what: "with a header of nonsense", headers: [["Umbel", ";;;;a=x"]], body: good },
    { what: "with a hostile attempt", headers: [["Umbel", `${header};a=1e9`]], body: good },
    { what: "whose body is empty", headers: [["Umbel", header]], body: new Uint8Array() },
    { what: "whose body is text", headers: [["Umbel", header]], body: new TextEncoder().encode("{}") },
    {
      what: "whose body declares a gigabyte",
      headers: [["Umbel", header]],
      body: new Uint8Array([0xdd, 0x40, 0, 0, 0]),
    },
    { what: "on a subject of a strange id", headers: [["Umbel", header]], body: good, id: "=$ÿ§-" },
    { what: "on a subject with a long id", headers: [], body: good, id: "x".repeat(500) },
    { what: "on a subject with a very long id", headers: [], body: good, id: "x".repeat(4_030) },
    { what: "on a subject of a strange task", headers: [], body: good, task: "=ZZ$&" },
    { what: "on a subject of a very long task", headers: [], body: good, task: "x".repeat(4_020) },
  ] as const)("$what", async ({ headers, body, ...place }) => {
    const { id = "by-hand", task = "test~quick" } = { id: undefined, task: undefined, ...place };
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const worker = await mesh.startWorker({ modules: [LOOP], ackWait: "1s" });
    const subject = `${mesh.name}.T.default.n.${task}.${id}`;
    connection.nats.publish(subject, body, { headers: natsHeaders(headers) });
    await connection.flush();
    await mesh.log.waitFor("run.dead_lettered");
    const { letter } = await onlyLetter(mesh);
    expect(letter).toMatchObject({ reason: "undecodable", subject, attempts: expect.any(Number) });
    expect(Buffer.from(letter?.body ?? []).equals(body)).toBe(true);
    expect(letter?.headers).toEqual(Object.fromEntries(headers));
    expect(letter?.errors).toMatchObject([{ error: { code: "undecodable" } }]);

    const run = await mesh.client.enqueue(quick, 1);
    expect(await run.result(PATIENT)).toBe(1);
    expect(worker.unreadyReason).toBeUndefined();
  });
});
