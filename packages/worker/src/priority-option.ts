import { checkFields, checkWholeNumber, invalidArgument, PRIORITIES, type Priority } from "@umbel/protocol";

/** How a worker chooses between priorities: the most urgent first, or parts for all of them. */
export type PriorityOption = "strict" | Readonly<Record<Priority, number>>;

/** The weights of the priorities, or `undefined` for strict. @throws UmbelError `invalid_argument` */
export function checkPriorities(value: unknown): Readonly<Record<Priority, number>> | undefined {
  if (value === "strict") return undefined;
  if (typeof value !== "object" || value === null) {
    throw invalidArgument({
      field: "priorities",
      received: value,
      expected: '"strict" or weights, such as { high: 8, normal: 4, low: 1 }',
    });
  }
  checkFields(value, "priorities", PRIORITIES);
  const weights: Partial<Record<string, unknown>> = { ...value };
  const weight = (priority: Priority): number =>
    checkWholeNumber(weights[priority], `priorities.${priority}`, { least: 1, most: 1_000 });
  return { high: weight("high"), normal: weight("normal"), low: weight("low") };
}
