import type { Check } from "./violation.ts";

/** A worker that was told to end did so in its time, and said that all was well. */
export const checkDrains: Check = ({ conductor }) =>
  conductor.flatMap((entry) => {
    if (entry.what !== "drained" || (entry.afterMs <= entry.graceMs && entry.code === 0)) return [];
    const { pid, afterMs, graceMs, code } = entry;
    const message = `worker ${pid} ended after ${afterMs} ms of ${graceMs}, with code ${code}`;
    return [{ promise: "drains within grace", message }];
  });

/** After every fault, a new client's run went through. */
export const checkRecovery: Check = ({ conductor }) =>
  conductor.flatMap((entry) => {
    if (entry.what !== "not-recovered") return [];
    const message = `no run of a new client went through for ${entry.afterMs} ms after fault ${entry.id}, ${entry.kind}`;
    return [{ promise: "recovers", message }];
  });
