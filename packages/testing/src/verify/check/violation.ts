import type { Story } from "./story.ts";

/** What a verification asserts. */
export const PROMISES = [
  "no acknowledged enqueue lost",
  "one outcome per run",
  "the outcome that was due",
  "no early start",
  "order of keys",
  "unique held",
  "the last of the debounced",
  "redriven once",
  "one run for each firing",
  "cancels honoured",
  "drains within grace",
  "recovers",
] as const;

/** A promise that was broken, and how. */
export interface Violation {
  readonly promise: (typeof PROMISES)[number];
  /** The run that shows it. */
  readonly runId?: string;
  readonly message: string;
}

/** Looks for violations of one promise. Pure. */
export type Check = (story: Story) => readonly Violation[];
