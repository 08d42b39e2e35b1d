import { isFields } from "./record-fields.ts";
import { RUN_ID_PARTS } from "./run-id.ts";

const { time: TIME, counter: COUNTER, origin: ORIGIN } = RUN_ID_PARTS;
const LENGTH = TIME + COUNTER + ORIGIN;

/**
 * Run ids as a batch of events carries them: many that one producer made in one millisecond differ in their counters only,
 * and a busy producer's ids are most of what events take in the broker.
 */
export function eventIdsText(runIds: unknown): string {
  if (!Array.isArray(runIds)) return `"${String(runIds)}"`;
  const first = String(runIds[0]);
  // Of a run id nothing has to be escaped.
  return (runIds.length > 1 && sharedText(first, runIds)) || `["${runIds.join('","')}"]`;
}

function sharedText(first: string, runIds: readonly unknown[]): string | undefined {
  const time = first.slice(0, TIME);
  const origin = first.slice(-ORIGIN);
  let counters = "";
  for (const runId of runIds) {
    if (typeof runId !== "string" || runId.length !== LENGTH) return undefined;
    if (!runId.startsWith(time) || !runId.endsWith(origin)) return undefined;
    counters += runId.slice(TIME, -ORIGIN);
  }
  return `{"time":"${time}","origin":"${origin}","counters":"${counters}"}`;
}

/** The run ids that {@link eventIdsText} stands for; anything else is returned as it is. */
export function readEventIds(value: unknown): unknown {
  if (!isFields(value)) return value;
  const { time, origin, counters } = value;
  if (typeof time !== "string" || typeof origin !== "string" || typeof counters !== "string") return value;
  const runIds: string[] = [];
  for (let at = 0; at < counters.length; at += COUNTER)
    runIds.push(time + counters.slice(at, at + COUNTER) + origin);
  return runIds;
}
