// outbox.ts
import type { EnqueueOptions } from "@umbel/client";
import type { ClientBase } from "pg";

/** Run this once, with your migrations. */
export const OUTBOX_TABLE = `
  create table if not exists umbel_outbox (
    id bigint generated always as identity primary key,
    run_id text not null unique,
    task text not null,
    input jsonb not null,
    options jsonb not null default '{}',
    created_at timestamptz not null default now(),
    refused text
  );
  create index if not exists umbel_outbox_waiting on umbel_outbox (id) where refused is null;
`;

/** A run to be enqueued once the transaction has committed. */
export interface OutboxRun {
  /** Made up front, so that enqueueing it twice is harmless: letters, digits, "_" and "-". */
  readonly runId: string;
  readonly task: string;
  /** Plain JSON: a Date would come out of the table as text. */
  readonly input: unknown;
  readonly options?: Omit<EnqueueOptions, "runId">;
}

/** Put `run` into the outbox, in the transaction that `client` is in. The relay is woken when it commits. */
export async function addToOutbox(client: ClientBase, run: OutboxRun): Promise<void> {
  const { runId, task, input, options = {} } = run;
  await client.query(
    "insert into umbel_outbox (run_id, task, input, options) values ($1, $2, $3, $4) on conflict (run_id) do nothing",
    [runId, task, JSON.stringify(input), JSON.stringify(options)],
  );
  await client.query("notify umbel_outbox");
}
