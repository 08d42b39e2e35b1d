import { LONGEST_TIMER_MS } from "./longest-timer.ts";

/**
 * Call `callback` after `ms` milliseconds, however many they are: Node fires a timer of more than 24.8 days at
 * once. Call the result to prevent it.
 */
export function after(ms: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    timer =
      leftMs <= LONGEST_TIMER_MS
        ? setTimeout(callback, leftMs)
        : setTimeout(() => wait(leftMs - LONGEST_TIMER_MS), LONGEST_TIMER_MS);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
