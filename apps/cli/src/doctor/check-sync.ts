import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";
import type { MonitorFacts } from "./monitor.ts";

/** What the look at a server's monitoring is compared with. */
export interface SyncContext {
  /** The server that this command is connected to. */
  readonly serverId: string;
  /** The fewest copies that a stream of the mesh has. */
  readonly replicas: number;
}

const LONG_MS = 10_000;
const NAME = "sync";

/** Servers do not tell their clients how they write: without their monitoring, nobody knows. Pure. */
export function checkSync(monitor: MonitorFacts | undefined, { serverId, replicas }: SyncContext): Check {
  const { ok, warn, skip } = checker(NAME);
  if (monitor === undefined) {
    return skip("not known: a server tells only its monitoring", "Pass --monitor http://<host>:8222");
  }
  const where =
    monitor.serverId === serverId ? "" : " (the monitored server is another one than the connected one)";
  if (monitor.sync.kind === "always") {
    return ok(`before each acknowledgement: survives a power cut${where}`);
  }
  const every = formatDuration(monitor.sync.ms);
  const message = `every ${every}: a power cut${replicas >= 3 ? " of all servers at once" : ""} may lose what was acknowledged since${where}`;
  if (monitor.sync.ms <= LONG_MS || replicas >= 3) return ok(message);
  return warn(
    message,
    'Set sync_interval in the server\'s jetstream block: "1s" costs little, "always" loses nothing.',
  );
}
