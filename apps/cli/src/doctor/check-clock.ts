import type { ClockOffset } from "@umbel/broker";
import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";

const NOTICEABLE_MS = 1_000;
const HARMFUL_MS = 30_000;
const ADVICE = "Let both keep time by NTP: delays and cron go by the server's clock, expiry by the worker's.";

/** Whether the server's clock and this machine's agree. Pure. */
export function checkClock(clock: ClockOffset | undefined): Check {
  const { ok, warn, fail, skip } = checker("clock");
  if (clock === undefined) return skip("not known: there is no stream to ask for the server's time");
  const { offsetMs, uncertaintyMs } = clock;
  const certainMs = Math.max(0, Math.abs(offsetMs) - uncertaintyMs);
  if (certainMs < NOTICEABLE_MS) {
    return ok(
      `the server's and this machine's agree (within ${formatDuration(certainMs + 2 * uncertaintyMs)})`,
    );
  }
  const message = `the server's is ${formatDuration(Math.abs(offsetMs))} ${offsetMs > 0 ? "ahead of" : "behind"} this machine's`;
  return certainMs < HARMFUL_MS ? warn(message, ADVICE) : fail(message, ADVICE);
}
