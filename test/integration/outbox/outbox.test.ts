import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { UmbelError } from "@umbel/client";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { defineTask, handle } from "@umbel/worker";
import { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { codeBlocks } from "../../examples/code-blocks.ts";
import { startPostgres, type Postgres } from "../../helpers/postgres.ts";
import { shareServer } from "../../helpers/shared-server.ts";
import { addToOutbox, OUTBOX_TABLE } from "./outbox.ts";
import { relayBatch, runRelay } from "./relay.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const mail = defineTask<{ readonly order: number }, number>({ name: "test.mail" });

let postgres: Postgres;
let pool: Pool;
let mails: number[];

beforeAll(async () => {
  postgres = await startPostgres();
  pool = new Pool({ connectionString: postgres.url });
  await pool.query(OUTBOX_TABLE);
  await pool.query("create table orders (id int primary key)");
});

afterAll(async () => {
  await pool?.end();
  await postgres?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  mails = [];
  await pool.query("truncate umbel_outbox, orders");
});

const mailHandler = handle(mail, ({ order }) => {
  mails.push(order);
  return order;
});

/** Place an order and put its mail into the outbox, in one transaction. */
async function placeOrder(id: number, end: "commit" | "rollback" = "commit"): Promise<string> {
  const runId = `order-${id}-${randomUUID()}`;
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("insert into orders (id) values ($1)", [id]);
    await addToOutbox(client, { runId, task: mail.name, input: { order: id }, options: { resultTtl: "7d" } });
    await client.query(end);
  } finally {
    client.release();
  }
  return runId;
}

async function waiting(): Promise<number> {
  const { rows } = await pool.query<{ count: string }>("select count(*) from umbel_outbox");
  return Number(rows[0]?.count);
}

/** Run a relay in a process of its own until it dies at `point`. */
async function dieAt(point: string, mesh: TestMesh): Promise<void> {
  const script = new URL("relay-process.ts", import.meta.url).pathname;
  const args = ["--conditions=source", script, postgres.url, mesh.url, mesh.name, point];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  child.once("exit", (_, signal) => resolve(signal));
  expect(await promise).toBe("SIGKILL");
}

describe("a run of the outbox", () => {
  test("is enqueued when its transaction has committed, at once, and never when it has not", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ handlers: [mailHandler] });
    const stop = new AbortController();
    const errors: unknown[] = [];
    // Only a notification can be in time.
    const relay = runRelay({
      pool,
      mesh: mesh.client,
      signal: stop.signal,
      pollMs: 3_600_000,
      onError: (error) => errors.push(error),
    });
    const refused = await placeOrder(1, "rollback");
    const listening = async (): Promise<boolean> => {
      const { rowCount } = await pool.query(
        "select from pg_stat_activity where query = 'listen umbel_outbox'",
      );
      return rowCount === 1;
    };
    await mesh.eventually("the relay listens", listening);
    const runId = await placeOrder(2);
    await mesh.waitForState(runId, "succeeded");
    await mesh.eventually("its row is gone", async () => (await waiting()) === 0);
    expect(await mesh.client.run(refused).state()).toBe("unknown");
    expect(mails).toEqual([2]);
    stop.abort();
    await relay;
    expect(errors).toEqual([]);
  });

  test.each(["before-enqueue", "after-enqueue", "before-delete", "before-commit", "after-commit"])(
    "is executed once when its relay dies %s",
    async (point) => {
      await using mesh = await createTestMesh({ server: shared.url });
      await mesh.startWorker({ handlers: [mailHandler] });
      const runId = await placeOrder(1);
      await dieAt(point, mesh);
      if (!["before-enqueue", "after-commit"].includes(point)) await mesh.client.run(runId).result(PATIENT);
      // A dead relay's transaction is rolled back when the database notices.
      await mesh.eventually("the next relay has done it", async () => {
        await relayBatch(pool, mesh.client);
        return (await waiting()) === 0;
      });
      expect(await mesh.waitForState(runId, "succeeded")).toMatchObject({ state: "succeeded" });
      // A worker that has executed a later run has had the chance to execute this one again.
      await (await mesh.client.enqueue(mail, { order: 9 })).result(PATIENT);
      expect(mails).toEqual([1, 9]);
    },
  );

  test("is relayed by one of many relays", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    for (let id = 0; id < 250; id++) await placeOrder(id);
    const enqueued: string[] = [];
    const counting = {
      enqueueByName: (...args: Parameters<TestMesh["client"]["enqueueByName"]>) => {
        enqueued.push(args[2]?.runId ?? "");
        return mesh.client.enqueueByName(...args);
      },
    };
    const drain = async (): Promise<void> => {
      while ((await relayBatch(pool, counting)) > 0);
    };
    await Promise.all(Array.from({ length: 3 }, () => drain()));
    // A relay that found only what another was at has ended early.
    await drain();
    expect(enqueued).toHaveLength(250);
    expect(new Set(enqueued).size).toBe(250);
    expect(await waiting()).toBe(0);
  });
});

describe("a row that cannot be enqueued", () => {
  test("for good is kept with the reason, and the others go on", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await pool.query("insert into umbel_outbox (run_id, task, input) values ('no good', 'test.mail', '{}')");
    const runId = await placeOrder(1);
    expect(await relayBatch(pool, mesh.client)).toBe(2);
    expect(await mesh.client.run(runId).state()).toBe("queued");
    const { rows } = await pool.query("select run_id, refused from umbel_outbox");
    expect(rows).toEqual([
      { run_id: "no good", refused: expect.stringContaining("runId: expected a run id") },
    ]);
    expect(await relayBatch(pool, mesh.client)).toBe(0);
  });

  test("for now stays, and is enqueued later", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const runId = await placeOrder(1);
    const error = new UmbelError("broker_unavailable", "away");
    const away = { enqueueByName: () => Promise.reject(error) };
    await expect(relayBatch(pool, away)).rejects.toBe(error);
    expect(await waiting()).toBe(1);
    expect(await relayBatch(pool, mesh.client)).toBe(1);
    expect(await mesh.client.run(runId).state()).toBe("queued");
  });
});

test("the documentation shows the code that is tested here", () => {
  const page = readFileSync(new URL("../../../docs/outbox.md", import.meta.url), "utf8");
  const shown = codeBlocks(page).filter(({ file }) => file !== undefined);
  expect(shown.map(({ file }) => file)).toEqual(["outbox.ts", "relay.ts"]);
  for (const { file, code } of shown) {
    expect(`${code}\n`).toBe(readFileSync(new URL(file ?? "", import.meta.url), "utf8"));
  }
});
