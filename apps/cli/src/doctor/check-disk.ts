import { formatBytes } from "../output/bytes.ts";
import { checker, type Check } from "./check.ts";
import type { MonitorFacts } from "./monitor.ts";

const NEAR_LIMIT = 0.8;

/** Whether the server has room for its streams: only its monitoring tells. Pure. */
export function checkDisk(monitor: MonitorFacts | undefined): readonly Check[] {
  if (monitor?.storage === undefined) return [];
  const { ok, warn, fail } = checker("disk");
  const { usedBytes, maxBytes } = monitor.storage;
  const share = usedBytes / maxBytes;
  const message = `${formatBytes(usedBytes)} of the server's ${formatBytes(maxBytes)} (max_file_store) are used`;
  if (share < NEAR_LIMIT) return [ok(message)];
  const advice =
    "Raise max_file_store, or make room: umbel dead discard, umbel queues purge. Once it is full nothing can be " +
    "enqueued, and delayed runs that are due then may be lost from sight until a worker looks for them.";
  return [share < 1 ? warn(message, advice) : fail(message, advice)];
}
