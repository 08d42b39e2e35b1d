import type { QueueCount } from "@umbel/broker";
import { counted } from "../output/counted.ts";
import type { QueueReport } from "./queue-report.ts";

/** What a purge of a queue would find. */
export interface PurgePlan {
  readonly waiting: number;
  readonly scheduled: number;
  readonly retrying: number;
  /** What workers hold, and is left alone. */
  readonly running: number;
  /** What would be cancelled. */
  readonly total: number;
  /** `false`: there are so many that there may be more. */
  readonly complete: boolean;
}

/** What a purge of the queue of `report` would find; `stored` says what is stored of it. Pure. */
export function purgePlan(report: QueueReport, stored: QueueCount | undefined, complete: boolean): PurgePlan {
  const { delayed: scheduled, retrying, running } = report;
  const waiting = complete ? storedWaiting(stored, running) : reportedWaiting(report);
  return { waiting, scheduled, retrying, running, total: waiting + scheduled + retrying, complete };
}

// For a while after messages were removed a consumer may still count them as waiting.
function storedWaiting(stored: QueueCount | undefined, running: number): number {
  return stored === undefined ? 0 : Math.max(0, stored.ready + stored.keyed - running);
}

function reportedWaiting({ ready, keyed }: QueueReport): number {
  return ready.high + ready.normal + ready.low + keyed;
}

/** What to ask before it is done. Pure. */
export function purgeQuestion(queue: string, plan: PurgePlan): string {
  const { waiting, scheduled, retrying, running, complete } = plan;
  const parts = [
    counted(waiting, "run waits", "runs wait"),
    ...(scheduled > 0 ? [counted(scheduled, "is scheduled", "are scheduled")] : []),
    ...(retrying > 0 ? [counted(retrying, "is to be tried again", "are to be tried again")] : []),
    ...(running > 0 ? [`${counted(running, "runs and is", "run and are")} left alone`] : []),
  ];
  const most = complete ? "" : "at least ";
  return `In ${queue} ${most}${parts.join(", ")}. Cancel all that wait?`;
}
