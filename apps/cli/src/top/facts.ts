import type { WorkerStatus } from "@umbel/client";
import type { QueueReport } from "../queues/queue-report.ts";

/** A queue on the screen. */
export interface TopQueue extends QueueReport {
  /** Runs that wait for a worker, of every priority, with a key or without. */
  readonly waiting: number;
  /** Runs that came and that workers were done with, in a second; `undefined` before the second look. */
  readonly inPerSecond: number | undefined;
  readonly outPerSecond: number | undefined;
}

/** A dead letter on the screen. */
export interface TopDead {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
  /** When it died, in milliseconds since the epoch, if the letter can be read. */
  readonly at: number | undefined;
  readonly why: string;
}

/** What is known of a mesh at one moment. */
export interface TopFacts {
  /** In milliseconds since the epoch, by this machine's clock. */
  readonly at: number;
  readonly queues: readonly TopQueue[];
  readonly workers: readonly WorkerStatus[];
  readonly dead: { readonly count: number; readonly latest: readonly TopDead[] };
}

/** Where the screen looks. */
export interface TopTarget {
  readonly mesh: string;
  readonly servers: string;
  readonly serverVersion: string;
}

/** Whether the server can be reached. */
export type TopConnection =
  | { readonly kind: "connected" }
  | { readonly kind: "lost"; readonly since: number };
