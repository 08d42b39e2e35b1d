import { counted, milliseconds, seconds } from "./units.ts";
import type { Answer, Estimate } from "../summary/answer.ts";
import type { Summary } from "../summary/summary.ts";

/** The summary for a person, line by line. Pure. */
export function summaryLines(summary: Summary): readonly string[] {
  return [
    "Summary",
    ...countLines(summary),
    ...timeLines(summary),
    "",
    "Answer: when to fly, and from where? Delays on arrival, by the time and airport of departure.",
    ...answerLines(summary.answer),
    "",
    "Promises",
    ...promiseLines(summary),
    "",
    summary.ok ? "Every promise was kept." : "NOT every promise was kept: see above.",
  ];
}

function countLines(summary: Summary): readonly string[] {
  const { enqueued, succeeded, retried, deadLettered, lost, extraOutcomes, mails } = summary;
  const repeated = mails.arrived - mails.expected;
  return [
    row("runs", `${enqueued} enqueued, ${succeeded} succeeded, ${deadLettered} dead-lettered, ${lost} lost`),
    row("", `${retried} retries, ${extraOutcomes} second outcomes`),
    row(
      "mails",
      `${mails.arrived} arrived of ${mails.expected}${repeated > 0 ? ` (${repeated} again, after the kill)` : ""}`,
    ),
  ];
}

function timeLines(summary: Summary): readonly string[] {
  const { wallMs, idealMs, recoveryMs, recovered, threads, slots, cores } = summary;
  const ratio = (wallMs / idealMs).toFixed(2);
  return [
    row(
      "size",
      `2 workers with ${counted(threads, "thread")} and ${slots} slots in all, ${counted(cores, "core")}`,
    ),
    row(
      "speed",
      `${seconds(wallMs)} without faults; ideal, on bare threads: ${seconds(idealMs)} (× ${ratio})`,
    ),
    row(
      "event loop",
      `delay p99 ${milliseconds(summary.loopDelayP99Ms)} beside the threads; ` +
        `${milliseconds(summary.inlineLoopDelayP99Ms)} with the same work on the loop`,
    ),
    row(
      "recovery",
      `${seconds(recoveryMs)} from the kill until its ${counted(recovered, "run")} had started again`,
    ),
  ];
}

function answerLines(answer: Answer): readonly string[] {
  const { flights, meanDelay, minutesPer1000Miles, explainedByDistance } = answer;
  const percent = (explainedByDistance * 100).toFixed(2);
  return [
    row("flights", `${flights.toLocaleString("en")}, ${late(meanDelay)} on average`),
    row("best time", estimate(answer.bestDeparture)),
    row("worst time", estimate(answer.worstDeparture)),
    row("best airport", estimate(answer.leastDelayedAirport)),
    row("worst airport", estimate(answer.mostDelayedAirport)),
    row(
      "distance",
      `1,000 miles add ${minutesPer1000Miles.toFixed(1)} min, and explain ${percent} % of it all`,
    ),
  ];
}

function promiseLines({ promises }: Summary): readonly string[] {
  const width = Math.max(...promises.map(({ promise }) => promise.length));
  return promises.map(
    ({ promise, kept, evidence }) => `  ${kept ? "✓" : "✗"} ${promise.padEnd(width)}  ${evidence}`,
  );
}

function estimate(value: Estimate | undefined): string {
  if (value === undefined) return "too few flights to say";
  const { key, mean, low, high, flights } = value;
  return `${key}, ${late(mean)} (95 %: ${low.toFixed(1)} to ${high.toFixed(1)}; ${flights} flights)`;
}

function late(minutes: number): string {
  return `${Math.abs(minutes).toFixed(1)} min ${minutes < 0 ? "early" : "late"}`;
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(14)}${text}`;
}
