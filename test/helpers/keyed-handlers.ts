import { handle, type TaskContext } from "@umbel/worker";
import { appendFileSync, readFileSync } from "node:fs";
import { passGate, restFor } from "./handler-tools.ts";
import { failingStep, gatedStep, parentStep, step, unkeyedStep, type Place } from "./keyed-tasks.ts";

/** What a keyed handler wrote down. */
export interface StepEntry {
  readonly what: "start" | "end" | "fail";
  readonly key: string;
  readonly number: number;
  readonly attempt: number;
  readonly pid: number;
}

/** All that keyed handlers wrote down in `journal`, in the order in which they did. */
export function readSteps(journal: string): readonly StepEntry[] {
  const lines = readFileSync(journal, "utf8").split("\n");
  return lines.slice(0, -1).map((line): StepEntry => JSON.parse(line));
}

function noteStep(what: StepEntry["what"], input: Place, { attempt }: TaskContext): void {
  const { journal, key, number } = input;
  const entry: StepEntry = { what, key, number, attempt, pid: process.pid };
  appendFileSync(journal, `${JSON.stringify(entry)}\n`);
}

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
