import { handle } from "@umbel/worker";
import { passGate, restFor } from "./handler-tools.ts";
import { noteStep } from "./keyed-steps.ts";
import { failingStep, gatedStep, parentStep, step, unkeyedStep } from "./keyed-tasks.ts";

export const stepHandler = handle(step, async (input, context) => {
  noteStep("start", input, context);
  await restFor(input.ms ?? 0, context.signal);
  if (input.retryAfter !== undefined && context.attempt === 1) {
    noteStep("fail", input, context);
    context.retry({ delay: input.retryAfter });
  }
  noteStep("end", input, context);
  return input.number;
});

export const failingStepHandler = handle(failingStep, (input, context) => {
  noteStep("start", input, context);
  if (context.attempt <= input.failures) {
    noteStep("fail", input, context);
    throw new Error(`attempt ${context.attempt} has failed`);
  }
  noteStep("end", input, context);
  return input.number;
});

export const gatedStepHandler = handle(gatedStep, async (input, context) => {
  noteStep("start", input, context);
  await passGate(input, [input.key, "all"], context.signal);
  noteStep("end", input, context);
  return process.pid;
});

export const unkeyedStepHandler = handle(unkeyedStep, (input, context) => {
  noteStep("start", input, context);
  noteStep("end", input, context);
  return input.number;
});

export const parentStepHandler = handle(parentStep, async ({ children, ...place }, { enqueue }) => {
  const ids: string[] = [];
  for (let number = 0; number < children; number++) ids.push((await enqueue(step, { ...place, number })).id);
  return ids;
});
