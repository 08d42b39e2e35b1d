import { expect, test } from "vitest";
import { needsSchedule, SCHEDULE_LEAD_MS, scheduleFor } from "./due-time.ts";

const NOW = Date.UTC(2027, 0, 1);

test("a schedule fires as much before its run is due as the broker may be late", () => {
  expect(scheduleFor(NOW)).toBe("@at 2026-12-31T23:59:59.600Z");
});

test("a run that is due before its schedule could fire in time needs none", () => {
  expect(needsSchedule(undefined, NOW)).toBe(false);
  expect(needsSchedule(NOW - 1, NOW)).toBe(false);
  expect(needsSchedule(NOW + SCHEDULE_LEAD_MS, NOW)).toBe(false);
  expect(needsSchedule(NOW + SCHEDULE_LEAD_MS + 1, NOW)).toBe(true);
});
