import { requireCommand } from "../../src/run-command.ts";

/** A process as `ps` shows it. */
interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes that have not ended. */
async function runningProcesses(): Promise<ProcessEntry[]> {
  const lines = (await requireCommand("ps", ["-A", "-ww", "-o", "pid=,ppid=,stat=,args="])).split("\n");
  return lines.flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    // A zombie has ended, only nobody has asked for its exit code yet.
    if (pid === undefined || state?.startsWith("Z") === true) return [];
    return [{ pid: Number(pid), parent: Number(parent), command: command ?? "" }];
  });
}

/** Whether a process has not ended. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await runningProcesses()).some((entry) => entry.pid === pid);
}

/** The guards of servers that a process started. */
export async function guardsOf(parent: number): Promise<number[]> {
  const entries = await runningProcesses();
  return entries
    .filter((entry) => entry.parent === parent && entry.command.includes("read -r server"))
    .map(({ pid }) => pid);
}
