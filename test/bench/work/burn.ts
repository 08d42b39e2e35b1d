import { pbkdf2Sync } from "node:crypto";
import { median } from "../measure/statistics.ts";

const PROBE_ITERATIONS = 20_000;
const PROBES = 5;

/** Compute for a while. */
export function burn(iterations: number): void {
  pbkdf2Sync("password", "salt", iterations, 64, "sha512");
}

/** How many iterations take one core about `ms` milliseconds while nothing else runs. */
export function calibrate(ms: number): number {
  const probe = (): number => {
    const beganAt = performance.now();
    burn(PROBE_ITERATIONS);
    return performance.now() - beganAt;
  };
  probe();
  return Math.round((PROBE_ITERATIONS * ms) / median(Array.from({ length: PROBES }, probe)));
}
