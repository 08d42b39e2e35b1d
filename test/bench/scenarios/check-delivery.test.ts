import { expect, test } from "vitest";
import { checkDelivery } from "./check-delivery.ts";

const serverWith = (outcomes: number, queued: number) => ({
  storedOutcomes: async () => outcomes,
  queuedRuns: async () => queued,
});

test("figures count only when every run was executed once and has its outcome", async () => {
  const worker = { values: { total: 3, distinct: 3 } };
  await expect(checkDelivery(serverWith(3, 0), 3, worker)).resolves.toBeUndefined();
});

test.each([
  {
    what: "a run was executed twice",
    values: { total: 4, distinct: 3 },
    message: "executions: 4 instead of 3",
  },
  { what: "one ran twice and one never", values: { total: 3, distinct: 2 }, message: "runs executed: 2" },
  { what: "the worker said nothing", values: {}, message: "executions: undefined" },
])("a measurement fails when $what", async ({ values, message }) => {
  await expect(checkDelivery(serverWith(3, 0), 3, { values })).rejects.toThrow(message);
});

test.each([
  { what: "an outcome is missing", outcomes: 2, queued: 0, message: "outcomes stored: 2 instead of 3" },
  { what: "a run is left", outcomes: 3, queued: 1, message: "runs left in the queue: 1 instead of 0" },
])("a measurement fails when $what", async ({ outcomes, queued, message }) => {
  const worker = { values: { total: 3, distinct: 3 } };
  await expect(checkDelivery(serverWith(outcomes, queued), 3, worker)).rejects.toThrow(message);
});
