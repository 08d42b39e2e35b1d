import type { RunMeta, SerializedError } from "@umbel/protocol";
import { passedLimit } from "../execute/limits.ts";
import type { Ending } from "./outcome.ts";

/** How a run ends whose attempt failed with `error`, and whose next one at `dueAt` would come too late. Pure. */
export function lateEnding(meta: RunMeta, dueAt: number, error: SerializedError): Ending | undefined {
  const limit = passedLimit(meta, dueAt);
  if (limit === undefined) return undefined;
  const reason = "its next attempt would come too late";
  return limit === "expires"
    ? { state: "expired", error, reason }
    : { state: "failed", error, reason, deadLetter: "deadline" };
}
