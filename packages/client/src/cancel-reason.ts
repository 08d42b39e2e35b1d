import { invalidArgument } from "@umbel/protocol";
import type { CancelReason } from "./cancel-run.ts";

/** @throws UmbelError `invalid_argument` unless what is kept with a cancelled run is text of a bearable length. */
export function checkCancelReason({ reason, by }: CancelReason): CancelReason {
  checkText("cancel.reason", reason, 1_000);
  checkText("cancel.by", by, 200);
  return { reason, by };
}

function checkText(field: string, received: unknown, longest: number): void {
  if (received === undefined || (typeof received === "string" && received.length <= longest)) return;
  throw invalidArgument({ field, received, expected: `text of at most ${longest} characters` });
}
