import { checkCancels } from "./cancels.ts";
import { checkDebounced } from "./debounced.ts";
import { checkDueOutcome } from "./due-outcome.ts";
import { checkKeyOrder } from "./key-order.ts";
import { checkNoLoss } from "./no-loss.ts";
import { checkNotEarly } from "./not-early.ts";
import { checkOneOutcome } from "./one-outcome.ts";
import { checkDrains, checkRecovery } from "./processes.ts";
import { checkRedrives } from "./redrives.ts";
import { checkSchedules } from "./schedules.ts";
import type { Story } from "./story.ts";
import { checkUniqueHeld } from "./unique-held.ts";
import type { Check, Violation } from "./violation.ts";

const CHECKS: readonly Check[] = [
  checkNoLoss,
  checkOneOutcome,
  checkDueOutcome,
  checkNotEarly,
  checkKeyOrder,
  checkUniqueHeld,
  checkDebounced,
  checkRedrives,
  checkSchedules,
  checkCancels,
  checkDrains,
  checkRecovery,
];

/** Everything that a story breaks of what is promised. Pure. */
export function checkStory(story: Story): readonly Violation[] {
  return CHECKS.flatMap((check) => check(story));
}
