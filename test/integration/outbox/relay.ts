// relay.ts
import { setTimeout as sleep } from "node:timers/promises";
import { UmbelError, type Mesh } from "@umbel/client";
import type { Pool, PoolClient } from "pg";
import type { OutboxRun } from "./outbox.ts";

/** What the relay needs. */
export interface RelayOptions {
  readonly pool: Pool;
  readonly mesh: Pick<Mesh, "enqueueByName">;
  /** Ends the relay. */
  readonly signal: AbortSignal;
  /** Hears why nothing can be relayed now: it is tried again after a second. */
  readonly onError: (error: unknown) => void;
  /** Look without a wake-up so often. @default 5000 */
  readonly pollMs?: number;
}

type Row = OutboxRun & { readonly id: string };

const BATCH = 100;
const PAUSE_MS = 1_000;

/** Enqueue what is in the outbox until `signal` aborts. Any number of relays may run at once. */
export async function runRelay({ pollMs = 5_000, ...options }: RelayOptions): Promise<void> {
  const { signal, onError } = options;
  while (!signal.aborted) {
    try {
      await relayWhileListening({ ...options, pollMs });
    } catch (error) {
      // The database or the broker is away: what was not deleted is relayed again.
      onError(error);
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function relayWhileListening({ pool, mesh, signal, pollMs }: Required<RelayOptions>): Promise<void> {
  const listener = await pool.connect();
  const lost = new AbortController();
  const ended = AbortSignal.any([signal, lost.signal]);
  let wake = new AbortController();
  listener.on("notification", () => wake.abort());
  listener.on("error", (error) => lost.abort(error));
  try {
    await listener.query("listen umbel_outbox");
    while (!ended.aborted) {
      // Before the look: what commits during it rings again.
      wake = new AbortController();
      if ((await relayBatch(pool, mesh)) > 0) continue;
      await sleep(pollMs, undefined, { signal: AbortSignal.any([ended, wake.signal]) }).catch(
        () => undefined,
      );
    }
  } finally {
    // Closed instead of given back: it still listens.
    listener.release(true);
  }
  lost.signal.throwIfAborted();
}

/** Enqueue the oldest rows that no other relay is at. Resolves to how many rows are done with. */
export async function relayBatch(pool: Pool, mesh: Pick<Mesh, "enqueueByName">): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const { rows } = await client.query<Row>(
      `select id, run_id as "runId", task, input, options from umbel_outbox
       where refused is null order by id limit $1 for update skip locked`,
      [BATCH],
    );
    const answers = await Promise.allSettled(rows.map((row) => enqueueRow(mesh, row)));
    const stored = rows.filter((_, index) => answers[index]?.status === "fulfilled");
    // Dying before the commit leaves the rows: their runs are enqueued again, under the same ids.
    await client.query("delete from umbel_outbox where id = any($1)", [stored.map(({ id }) => id)]);
    const failures = answers.flatMap((answer, index) =>
      answer.status === "rejected" ? [{ row: rows[index], reason: answer.reason as unknown }] : [],
    );
    const refused = failures.filter(({ reason }) => isFinal(reason));
    for (const { row, reason } of refused) await markRefused(client, row, reason);
    await client.query("commit");
    const passing = failures.find(({ reason }) => !isFinal(reason));
    if (passing !== undefined) throw passing.reason;
    return stored.length + refused.length;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function enqueueRow(mesh: Pick<Mesh, "enqueueByName">, row: Row): Promise<void> {
  await mesh.enqueueByName(row.task, row.input, { ...row.options, runId: row.runId });
}

// No later try would be taken either: it is kept for you to look at, and the others go on.
function markRefused(client: PoolClient, row: Row | undefined, reason: unknown): Promise<unknown> {
  return client.query("update umbel_outbox set refused = $2 where id = $1", [row?.id, String(reason)]);
}

const FINAL = new Set(["invalid_argument", "not_encodable", "payload_too_large"]);

function isFinal(reason: unknown): boolean {
  return UmbelError.is(reason) && FINAL.has(reason.code);
}
