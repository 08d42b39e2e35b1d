import { createHash } from "node:crypto";
import { invalidArgument, type Identity, type IdentityTask, type LockUntil } from "@umbel/protocol";
import type { EnqueueOptions } from "./enqueue-options.ts";

/** The lock that makes a run the only one of its key. */
export interface Hold {
  readonly lock: string;
  readonly until: LockUntil;
  readonly forMs: number;
  readonly maxMs: number | undefined;
}

/** The lock of a run of `task`: of its key, or of its encoded input when it has none. */
export function holdOf(task: string, identity: Identity | undefined, body: Uint8Array): Hold | undefined {
  if (identity === undefined) return undefined;
  const { until, forMs, maxMs, key } = identity;
  const digest = createHash("sha256").update(`${task}/${key === undefined ? "input" : "key"}/`);
  const lock = digest
    .update(key ?? body)
    .digest("hex")
    .slice(0, LOCK_LENGTH);
  return { lock, until, forMs, maxMs };
}

const LOCK_LENGTH = 32;

/** @throws UmbelError `invalid_argument` when runs of a bulk would have to be unique. */
export function refuseIdentity({ identity }: IdentityTask, options: EnqueueOptions, call: string): void {
  const { unique = identity === undefined ? undefined : "the task's", debounce } = options;
  const asked = debounce ?? unique;
  if (asked === undefined || asked === false) return;
  throw invalidArgument({
    field: `${call}.${debounce === undefined ? "unique" : "debounce"}`,
    received: asked,
    expected: "runs that are neither unique nor debounced: each takes a lock of its own",
    fix: "Enqueue them one by one, or pass unique: false.",
  });
}
