import type { ProvisionedStream } from "@umbel/broker";

/** What can happen without losing a run whose enqueue was acknowledged. */
export type Survives = "server-restart" | "server-loss";

/**
 * What the acknowledgement of an enqueue meant. Loss of power is never listed: a file-backed stream is synced
 * at intervals unless the server says `sync_interval: always`, and the server does not tell its clients.
 */
export interface Receipt {
  /** The run's place in the tasks stream; `undefined` when only a repeat was confirmed. */
  readonly sequence: number | undefined;
  readonly storage: "file" | "memory";
  /** On how many servers a majority stored it before the acknowledgement. */
  readonly replicas: number;
  readonly survives: readonly Survives[];
  /** The run was there already: its chosen id was enqueued before, or it is the one that holds a unique key. */
  readonly existed: boolean;
}

/** What every acknowledgement of `stream` means. Pure. */
export function receiptOf(
  stream: Pick<ProvisionedStream, "storage" | "replicas">,
): Omit<Receipt, "sequence" | "existed"> {
  const { storage, replicas } = stream;
  const survives: Survives[] = storage === "file" ? ["server-restart"] : [];
  if (replicas >= 3) survives.push("server-loss");
  return { storage, replicas, survives };
}
