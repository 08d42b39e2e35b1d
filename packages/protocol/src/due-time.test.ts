import { expect, test } from "vitest";
import { needsSchedule, SCHEDULE_LEAD_MS, scheduleFor } from "./due-time.ts";

const NOW = Date.UTC(2027, 0, 1);

test("a schedule fires as much before its run is due as the broker may be late", () => {
  expect(scheduleFor(NOW, false)).toBe("@at 2026-12-31T23:59:59.600Z");
});

test("a run that is due before its schedule could fire in time needs none", () => {
  expect(needsSchedule(undefined, NOW, false)).toBe(false);
  expect(needsSchedule(NOW - 1, NOW, false)).toBe(false);
  expect(needsSchedule(NOW + SCHEDULE_LEAD_MS, NOW, false)).toBe(false);
  expect(needsSchedule(NOW + SCHEDULE_LEAD_MS + 1, NOW, false)).toBe(true);
});

test("a run with a key waits in its schedule until it is due: earlier, it would block its lane", () => {
  expect(scheduleFor(NOW, true)).toBe("@at 2027-01-01T00:00:00.000Z");
  expect(needsSchedule(NOW + 1, NOW, true)).toBe(true);
  expect(needsSchedule(NOW, NOW, true)).toBe(false);
});
