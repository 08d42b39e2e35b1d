import { readdirSync, readFileSync } from "node:fs";

/** What processes have used so far. */
export interface Usage {
  readonly cpuMs: number;
  readonly residentMb: number;
}

// Linux counts in hundredths of a second, whatever its kernel ticks at.
const MS_PER_TICK = 10;
const KB_PER_MB = 1_024;

/**
 * CPU time and resident memory of these processes and all their descendants: a database has one process for each
 * connection. `undefined` where there is no `/proc`. Memory that is shared between processes counts for each.
 */
export function usageOf(pids: readonly number[]): Usage | undefined {
  const all = pids.flatMap(familyOf).map(usageOfOne);
  if (all.length === 0) return undefined;
  return {
    cpuMs: all.reduce((total, { cpuMs }) => total + cpuMs, 0),
    residentMb: all.reduce((total, { residentMb }) => total + residentMb, 0),
  };
}

/** The CPU time in a `/proc/<pid>/stat`, that of children that have ended included. Pure. */
export function cpuMsOf(stat: string): number {
  // The name in parentheses may hold anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((total, field) => total + Number(field), 0);
  return ticks * MS_PER_TICK;
}

// A process that ends in between counts for its parent from then on.
const NOTHING: Usage = { cpuMs: 0, residentMb: 0 };

function usageOfOne(pid: number): Usage {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return {
      cpuMs: cpuMsOf(readFileSync(`/proc/${pid}/stat`, "utf8")),
      residentMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / KB_PER_MB,
    };
  } catch {
    return NOTHING;
  }
}

function familyOf(pid: number): readonly number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
    return [pid, ...children.flatMap(familyOf)];
  } catch {
    return [];
  }
}
