/** Node fires a timer of more milliseconds than this at once: about 24.8 days. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;
