import { z } from "zod";
import type { Chunk } from "../data-set/chunk.ts";
import { bootstrapMean } from "./bootstrap.ts";
import { correlation, momentsOf, type Moments } from "./moments.ts";
import { permutationTest } from "./permutation.ts";
import { createRandom, seedOf } from "./random.ts";

/** A chunk, and how many samples to draw from it: what takes the time. */
export interface AnalysisInput extends Chunk {
  readonly rounds: number;
}

/** How late the flights of a chunk are, and whether the distance has to do with it. Delays in minutes. */
export interface Analysis {
  readonly key: string;
  readonly mean: number;
  /** The 95 % interval of the mean. */
  readonly low: number;
  readonly high: number;
  /** Of distance and delay. */
  readonly correlation: number;
  /** How likely a correlation as strong is by chance. */
  readonly pValue: number;
  readonly moments: Moments;
}

/** Checks an {@link AnalysisInput} where it is enqueued and where it is handled. */
export const analysisInput: z.ZodType<AnalysisInput, AnalysisInput> = z.object({
  key: z.string(),
  delays: z.array(z.int()).min(1),
  distances: z.array(z.int()).min(1),
  rounds: z.int().min(1).max(1_000_000),
});

/** Checks an {@link Analysis} before it is stored. */
export const analysisOutput: z.ZodType<Analysis, Analysis> = z.object({
  key: z.string(),
  mean: z.number(),
  low: z.number(),
  high: z.number(),
  correlation: z.number(),
  pValue: z.number(),
  moments: z.object({
    count: z.number(),
    x: z.number(),
    y: z.number(),
    xx: z.number(),
    xy: z.number(),
    yy: z.number(),
  }),
});

/** Analyse one chunk. Computes without a pause, and comes to the same numbers every time. Pure. */
export function analyse({ key, delays, distances, rounds }: AnalysisInput): Analysis {
  const moments = momentsOf({ delays, distances });
  const random = createRandom(seedOf(key));
  return {
    key,
    mean: moments.y / moments.count,
    ...bootstrapMean(delays, rounds, random),
    correlation: correlation(moments),
    pValue: permutationTest({ delays, distances }, rounds, random),
    moments,
  };
}
