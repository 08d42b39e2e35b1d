import { z } from "zod";

const figuresSchema = z.record(z.string(), z.number());

const contenderSchema = z.object({
  name: z.string(),
  title: z.string(),
  mode: z.string(),
  loss: z.enum(["nothing", "power", "crash"]),
  caveat: z.string(),
  n: z.number(),
  /** In the order of the rounds; `null`: it was not measured in that one. */
  rounds: z.array(figuresSchema.nullable()),
});

const matchSchema = z.object({
  name: z.string(),
  about: z.string(),
  figures: z.array(
    z.object({ figure: z.string(), better: z.enum(["more", "less"]), alone: z.literal(true).optional() }),
  ),
  contenders: z.array(contenderSchema),
  /** The machine's load average over a minute as each round began. */
  load: z.array(z.number()),
});

/** Everything that a run, or several, of the command has measured. */
export const resultsSchema = z.object({
  startedAt: z.string(),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  versions: z.record(z.string(), z.string()),
  matches: z.array(matchSchema),
  /** Who could not be measured: how to change that. */
  missing: z.record(z.string(), z.string()),
  /** What went wrong. */
  failures: z.array(z.string()),
});

/** {@link resultsSchema} */
export type Results = z.infer<typeof resultsSchema>;
/** One match of {@link Results}. */
export type MatchResult = z.infer<typeof matchSchema>;
/** One contender of a {@link MatchResult}. */
export type ContenderResult = z.infer<typeof contenderSchema>;
