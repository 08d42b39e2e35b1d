import type { ResourceLimits } from "node:worker_threads";
import { checkFields, checkWholeNumber } from "@umbel/protocol";

/** How much memory each thread of a worker may use. What is outside of V8's heap, buffers above all, is not counted. */
export interface ThreadMemory {
  /** Megabytes of what has lived for a while: nearly all that a handler keeps. @default V8's choice, by the memory of the machine */
  readonly maxOldGenerationMb?: number;
  /** Megabytes of what was made just now. @default V8's choice */
  readonly maxYoungGenerationMb?: number;
  /** Megabytes of the stack. @default 4 */
  readonly stackMb?: number;
}

const LIMITS = {
  // With less, a thread dies before it has loaded anything.
  maxOldGenerationMb: { least: 16, most: 65_536 },
  maxYoungGenerationMb: { least: 1, most: 4_096 },
  stackMb: { least: 1, most: 256 },
} as const;

/** @throws UmbelError `invalid_argument` naming the wrong field. */
export function checkThreadMemory(memory: ThreadMemory | undefined): ResourceLimits | undefined {
  if (memory === undefined) return undefined;
  checkFields(memory, "threadMemory", Object.keys(LIMITS));
  const read = (field: keyof ThreadMemory): number | undefined =>
    memory[field] === undefined
      ? undefined
      : checkWholeNumber(memory[field], `threadMemory.${field}`, LIMITS[field]);
  const [old, young, stack] = [read("maxOldGenerationMb"), read("maxYoungGenerationMb"), read("stackMb")];
  return {
    ...(old === undefined ? {} : { maxOldGenerationSizeMb: old }),
    ...(young === undefined ? {} : { maxYoungGenerationSizeMb: young }),
    ...(stack === undefined ? {} : { stackSizeMb: stack }),
  };
}
