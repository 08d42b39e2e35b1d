import type { ClaimRecord } from "@umbel/protocol";

/** A claim of `worker`. */
export function claimOf(worker: string, attempt = 1): ClaimRecord {
  return {
    state: "running",
    task: "t",
    queue: "q",
    worker,
    attempt,
    starts: 1,
    lostStarts: 0,
    at: 1_700_000_000_000,
    errors: [],
  };
}
