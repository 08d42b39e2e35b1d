import type { AttemptError, RunState, SerializedError } from "@umbel/protocol";
import type { RunReport } from "../run-report.ts";
import type { Paint, Tone } from "./colour.ts";
import { prettyJson } from "./json.ts";
import { printable } from "./printable.ts";
import { fields, table } from "./table.ts";
import { formatDistance, formatDuration, formatMoment } from "./time.ts";

/** How a text about a run is made. */
export interface RunTextOptions {
  readonly paint: Paint;
  readonly now: number;
}

/** A run for people: a small table, and the errors of its attempts below. */
export function runText(run: RunReport, { paint, now }: RunTextOptions): string {
  const { enqueuedAt, startedAt, finishedAt, dueAt } = run;
  const overview = fields(
    [
      ["run", run.runId],
      ["state", stateText(run, paint)],
      ["task", run.task],
      ["queue", run.queue],
      ["attempt", attemptText(run)],
      ["enqueued", enqueuedAt === undefined ? undefined : distant(enqueuedAt, now)],
      ["due", dueAt === undefined ? undefined : distant(dueAt, now)],
      ["started", startedAt === undefined ? undefined : startText(startedAt, run)],
      ["finished", finishedAt === undefined ? undefined : since(finishedAt, startedAt, "took")],
      ["worker", run.worker],
      ["reason", run.reason],
      ["result", run.result === undefined ? undefined : prettyJson(run.result.value)],
    ].map(([label, value]) => [label ?? "", value === undefined ? undefined : printableValue(label, value)]),
    (label) => paint("quiet", label),
  );
  return run.errors.length === 0 ? overview : `${overview}\n\n${errorsText(run.errors, paint)}`;
}

const TONES: Readonly<Record<RunState, Tone>> = {
  scheduled: "code",
  queued: "code",
  running: "code",
  retrying: "warning",
  succeeded: "good",
  failed: "bad",
  cancelled: "warning",
  expired: "warning",
  unknown: "warning",
};

/** How a state is painted. */
export function stateTone(state: RunState): Tone {
  return TONES[state];
}

function stateText({ state, deadLetter }: RunReport, paint: Paint): string {
  const painted = paint(TONES[state], state);
  return deadLetter === undefined ? painted : `${painted} (${deadLetter}, in the dead letters)`;
}

// Colours are control characters that we have put there.
function printableValue(label: string | undefined, value: string): string {
  return label === "state" ? value : printable(value);
}

function attemptText({ attempt, starts }: RunReport): string | undefined {
  if (attempt === undefined) return undefined;
  return starts === undefined || starts <= attempt ? String(attempt) : `${attempt} (started ${starts} times)`;
}

function distant(at: number, now: number): string {
  return `${formatMoment(at)}  (${formatDistance(at, now)})`;
}

function startText(startedAt: number, { enqueuedAt, attempt = 1 }: RunReport): string {
  if (attempt > 1) return `${formatMoment(startedAt)}  (this attempt)`;
  return since(startedAt, enqueuedAt, "waited");
}

function since(at: number, from: number | undefined, what: string): string {
  return from === undefined
    ? formatMoment(at)
    : `${formatMoment(at)}  (${what} ${formatDuration(at - from)})`;
}

/** The errors of attempts for people: one line for each, or several. */
export function errorsText(errors: readonly AttemptError[], paint: Paint): string {
  const head = ["attempt", "failed at", "error"].map((title) => paint("quiet", title));
  const rows = errors.map(({ attempt, at, error }) => [
    String(attempt),
    formatMoment(at),
    printable(errorText(error)),
  ]);
  return table([head, ...rows]);
}

function errorText({ name, message, code, cause }: SerializedError): string {
  const own = `${name}${code === undefined ? "" : ` (${code})`}: ${message}`;
  return cause === undefined ? own : `${own}\ncaused by ${errorText(cause)}`;
}
