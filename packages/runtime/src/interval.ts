import { LONGEST_TIMER_MS } from "./longest-timer.ts";

/**
 * A repeating timer that does not keep the process alive. Call the result to stop it.
 *
 * @param ms milliseconds between two ticks; more than 24.8 days count as 24.8 days.
 */
export function every(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, Math.min(ms, LONGEST_TIMER_MS));
  timer.unref();
  return () => clearInterval(timer);
}
