import { parseRunHeader, RUN_HEADER } from "@umbel/protocol";
import type { RunDelivery } from "../execute/run.ts";

/** The lock that the run of `delivery` was enqueued under; `undefined` without one. Never throws. */
export function lockOf(delivery: Pick<RunDelivery, "header">): string | undefined {
  const header = delivery.header(RUN_HEADER);
  // Nearly no run has one, and the header need not be read to see that.
  if (header?.includes(";u=") !== true) return undefined;
  try {
    return parseRunHeader(header).lock;
  } catch {
    return undefined;
  }
}
