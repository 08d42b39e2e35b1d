import { checkWholeNumber, nextFires } from "@umbel/protocol";
import { resolveTiming } from "./resolve-timing.ts";
import type { ScheduleTiming } from "./schedule-options.ts";

/** The most moments that are told at once. */
export const MOST_NEXT = 1_000;

/** When a schedule with these times would fire: for whoever writes one. */
export interface PreviewOptions {
  /** From when on. @default now */
  readonly after?: Date;
  /** @default 10 */
  readonly count?: number;
}

/**
 * When a schedule with these times would fire, in milliseconds since the epoch. Asks nobody.
 *
 * @throws UmbelError `invalid_argument` naming the wrong option
 */
export function previewSchedule(timing: ScheduleTiming, options: PreviewOptions = {}): readonly number[] {
  const { after = new Date(), count = 10 } = options;
  const most = checkWholeNumber(count, "count", { least: 1, most: MOST_NEXT });
  return nextFires(resolveTiming(timing), after.getTime(), { after: after.getTime(), count: most });
}
