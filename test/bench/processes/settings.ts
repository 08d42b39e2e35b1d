import { z } from "zod";

const settingsSchema = z.object({
  /** Of the server. */
  url: z.string(),
  /** How many runs are measured. */
  n: z.number(),
  /** How many come before, so that the code is compiled and the server's files exist. */
  warmUp: z.number(),
  /** How much happens at a time: publishes in flight, or slots. */
  width: z.number(),
  /** Where its runs wait, if not in the usual queue. */
  queue: z.string().optional(),
  /** What else a system that is measured has to know. */
  variant: z.string().optional(),
});

/** What a process of a benchmark is started with. */
export type Settings = z.infer<typeof settingsSchema>;

/** The settings that this process was started with. @throws when it was started by hand */
export function readSettings(): Settings {
  return settingsSchema.parse(JSON.parse(process.argv[2] ?? "{}"));
}
