import { defineTask, fixed, type Task } from "@umbel/client";
import { z } from "zod";
import { analysisInput, analysisOutput, type Analysis, type AnalysisInput } from "./analysis/analyse.ts";

/** A report about one airport or one day. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** What the analysis of an airport comes to: its numbers, and the run that mails them. */
export interface AirportAnalysis extends Analysis {
  readonly mailRunId: string;
}

/** What the two tasks that misbehave on purpose are given. */
export interface Named {
  readonly name: string;
}

const mail: z.ZodType<Mail, Mail> = z.object({
  subject: z.string().min(1).max(200),
  text: z.string().max(10_000),
});

const airportOutput: z.ZodType<AirportAnalysis, AirportAnalysis> = z.intersection(
  analysisOutput,
  z.object({ mailRunId: z.string() }),
);

const named: z.ZodType<Named, Named> = z.object({ name: z.string().min(1) });

/** Computes: the flights that left within five minutes. */
export const analyseDeparture: Task<AnalysisInput, Analysis> = defineTask({
  name: "flights.departure",
  input: analysisInput,
  output: analysisOutput,
  queue: "compute",
  runsOn: "thread",
  timeout: "30s",
});

/** Computes: the flights of one airport. Its handler enqueues the mail that reports them. */
export const analyseAirport: Task<AnalysisInput, AirportAnalysis> = defineTask({
  name: "flights.airport",
  input: analysisInput,
  output: airportOutput,
  queue: "compute",
  runsOn: "thread",
  timeout: "30s",
});

/** The same computation where it does not belong: on the event loop. Only to measure what that does. */
export const analyseInline: Task<AnalysisInput, Analysis> = defineTask({
  name: "flights.inline",
  input: analysisInput,
  output: analysisOutput,
  queue: "inline",
  runsOn: "loop",
});

/** Waits: sends one mail. */
export const sendMail: Task<Mail, undefined> = defineTask({
  name: "mail.send",
  input: mail,
  output: z.undefined(),
  queue: "mail",
  retry: { maxAttempts: 5, backoff: fixed("500ms") },
});

/** How often a flaky run fails before it succeeds. */
export const FLAKY_FAILURES = 2;

/** Flaky on purpose: fails {@link FLAKY_FAILURES} times, then succeeds. */
export const flaky: Task<Named, undefined> = defineTask({
  name: "demo.flaky",
  input: named,
  output: z.undefined(),
  queue: "mail",
  retry: { maxAttempts: FLAKY_FAILURES + 1, backoff: fixed("400ms") },
});

/** How often a poisonous run is tried before it is a dead letter. */
export const POISON_ATTEMPTS = 3;

/** Poisonous on purpose: ends the thread that executes it, every time. */
export const poison: Task<Named, undefined> = defineTask({
  name: "demo.poison",
  input: named,
  output: z.undefined(),
  queue: "compute",
  runsOn: "thread",
  retry: { maxAttempts: POISON_ATTEMPTS, backoff: fixed("400ms") },
});
