import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";
import type { InspectedStream } from "./check-streams.ts";
import type { MonitorFacts } from "./monitor.ts";

/** What whoever has enqueued a run may rely on once the server has acknowledged it. Pure. */
export function checkReceipt(
  tasks: InspectedStream["found"],
  monitor: MonitorFacts | undefined,
): readonly Check[] {
  if (tasks === undefined) return [];
  const { ok, warn } = checker("receipt");
  const { storage, replicas } = tasks;
  if (storage === "memory") {
    return [
      warn(
        "a run that was acknowledged is lost when its server restarts",
        "Make the tasks stream anew, on disk.",
      ),
    ];
  }
  // A majority has it before it is acknowledged: another one that fails costs nothing.
  const losses = Math.floor((replicas - 1) / 2);
  const servers = losses === 1 ? "one server" : `${losses} servers at once`;
  const survives =
    losses === 0
      ? "a restart of its server, not the loss of its disk"
      : `restarts and the loss of ${servers}`;
  return [ok(`a run that was acknowledged survives ${survives}; ${powerCut(monitor, losses > 0)}`)];
}

function powerCut(monitor: MonitorFacts | undefined, replicated: boolean): string {
  const cut = replicated ? "a power cut of all servers at once" : "a power cut";
  if (monitor === undefined) return `what ${cut} costs is not known`;
  const { sync } = monitor;
  return sync.kind === "always"
    ? `${cut} costs nothing`
    : `${cut} may cost the last ${formatDuration(sync.ms)}`;
}
