import type { ConductorEntry } from "../history/entries.ts";
import type { Check } from "./violation.ts";

/**
 * A worker that was told to end did so in its time, and said that all was well; or, while something kept it from the
 * broker, that it had to leave runs to their ack-wait.
 */
export const checkDrains: Check = ({ conductor }) =>
  conductor.flatMap((entry) => {
    if (entry.what !== "drained") return [];
    const { pid, afterMs, graceMs, code, at } = entry;
    const inTime = afterMs <= graceMs;
    if (inTime && (code === 0 || (code === LEFT_RUNS && keptFromBroker(conductor, at - afterMs, at))))
      return [];
    const message = `worker ${pid} ended after ${afterMs} ms of ${graceMs}, with code ${code}`;
    return [{ promise: "drains within grace", message }];
  });

const LEFT_RUNS = 1;

// Faults of processes, workers and producers, keep nobody else from the broker.
function keptFromBroker(conductor: readonly ConductorEntry[], from: number, to: number): boolean {
  const faults = conductor.filter((entry) => entry.what === "fault");
  return faults.some(({ id, kind, phase, at }) => {
    if (phase !== "begins" || /^(?:worker|producer)-/.test(kind) || at > to) return false;
    const end = faults.find((other) => other.id === id && other.phase === "ends");
    return end === undefined || end.at >= from;
  });
}

/** After every fault, a new client's run went through. */
export const checkRecovery: Check = ({ conductor }) =>
  conductor.flatMap((entry) => {
    if (entry.what !== "not-recovered") return [];
    const message = `no run of a new client went through for ${entry.afterMs} ms after fault ${entry.id}, ${entry.kind}`;
    return [{ promise: "recovers", message }];
  });
