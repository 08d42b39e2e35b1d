import { handle, type Handler } from "@umbel/worker";
import { analyse } from "../analysis/analyse.ts";
import { airportReport } from "../mail/airport-report.ts";
import { deliver } from "../mail/deliver.ts";
import { analyseAirport, analyseDeparture, flaky, FLAKY_FAILURES, poison, sendMail } from "../tasks.ts";

/** On a thread: computes and returns. */
export const departure: Handler = handle(analyseDeparture, (input) => analyse(input));

/** On a thread: computes, and hands the waiting over to a run on the loop. */
export const airport: Handler = handle(analyseAirport, async (input, context) => {
  const analysis = analyse(input);
  const mail = await context.enqueue(sendMail, airportReport(analysis));
  return { ...analysis, mailRunId: mail.id };
});

/** On the loop: the run's id names the mail, so that one that is sent twice can be told from two. */
export const mail: Handler = handle(sendMail, async (input, context) => {
  await deliver({ ...input, id: context.runId });
  return undefined;
});

/** On the loop: fails as a service does that is down for a moment. */
export const unreliable: Handler = handle(flaky, (_input, context) => {
  if (context.attempt > FLAKY_FAILURES) return undefined;
  throw new Error(`flaky on purpose: attempt ${context.attempt} fails`);
});

/** On a thread, which it ends: as a native library does that calls abort. */
export const deadly: Handler = handle(poison, () => process.exit(1));
