import type { ScheduledRun, ScheduleInfo, ScheduleRule } from "@umbel/client";
import { wallAt } from "@umbel/protocol";
import type { Paint } from "../output/colour.ts";
import { prettyJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import { stateTone } from "../output/run-text.ts";
import { fields, indented, table } from "../output/table.ts";
import { formatDistance, formatDuration, formatMoment } from "../output/time.ts";

/** How times are told. */
export interface TextStyle {
  readonly paint: Paint;
  readonly now: number;
}

const HEAD = ["schedule", "state", "when", "next", "last run", "fired", "missed", "task"];

/** Schedules for people: one a line. */
export function schedulesText(schedules: readonly ScheduleInfo[], { paint, now }: TextStyle): string {
  if (schedules.length === 0) return "there are no schedules";
  const rows = schedules.map((schedule) => [
    schedule.id,
    stateText(schedule, paint),
    printable(ruleText(schedule.when)),
    nextText(schedule, now),
    lastText(schedule.runs.at(-1), now),
    String(schedule.fired),
    missedCount(schedule.missedCount, paint),
    printable(schedule.task),
  ]);
  return table([HEAD.map((name) => paint("quiet", name)), ...rows]);
}

/** All about a schedule, for people. */
export function scheduleText(
  schedule: ScheduleInfo,
  next: readonly number[],
  { paint, now }: TextStyle,
): string {
  const { runs, missed, paused, version, changedAt, changedBy } = schedule;
  const by = changedBy === undefined ? "" : ` by ${printable(changedBy)}`;
  const pairs: (readonly [string, string | undefined])[] = [
    ["schedule", schedule.id],
    ["about", schedule.description === undefined ? undefined : printable(schedule.description)],
    ["state", stateText(schedule, paint)],
    ["paused", paused === undefined ? undefined : pauseText(paused, now)],
    ["when", whenText(schedule)],
    ["task", printable(schedule.task)],
    ["queue", `${schedule.queue} (${schedule.priority})`],
    ["key", schedule.key === undefined ? undefined : printable(schedule.key)],
    ["input", printable(prettyJson(schedule.input))],
    ["policies", policiesText(schedule)],
    ["version", `${version}, ${formatDistance(changedAt, now)}${by}`],
    ["source", schedule.source === undefined ? undefined : printable(schedule.source)],
    ["fired", `${schedule.fired}, missed ${schedule.missedCount}`],
    ["next", next.length === 0 ? undefined : next.map((at) => momentText(at, schedule.when)).join("\n")],
    ["runs", runs.length === 0 ? undefined : runsTable(runs, { paint, now })],
    ["missed", missed.length === 0 ? undefined : missed.map(missText).join("\n")],
  ];
  return fields(pairs, (label) => paint("quiet", label));
}

/** What a schedule goes by: `0 22 * * * Europe/Paris`, `every 10 min 0 s`. */
export function ruleText(rule: ScheduleRule): string {
  switch (rule.kind) {
    case "cron":
      return `${rule.cron} ${rule.timeZone}`;
    case "every":
      return `every ${formatDuration(rule.everyMs)}`;
    case "at":
      return `at ${new Date(rule.at).toISOString()}`;
    case "solar":
      return `${rule.event} ${rule.latitude},${rule.longitude}`;
    default:
      return rule satisfies never;
  }
}

/** A moment by the clocks that its schedule goes by, and by UTC's: the two say whether they were changed. */
export function momentText(at: number, rule: Pick<ScheduleRule, "kind"> | ScheduleRule): string {
  const utc = new Date(at).toISOString();
  const zone = "timeZone" in rule ? rule.timeZone : "UTC";
  if (zone === "UTC") return utc;
  const wall = new Date(wallAt(zone, at)).toISOString().slice(0, 19).replace("T", " ");
  return `${wall} ${zone}  ${utc}`;
}

function stateText({ state, overdueMs }: ScheduleInfo, paint: Paint): string {
  if (overdueMs !== undefined) return paint("bad", "overdue");
  return paint(state === "active" ? "good" : "warning", state);
}

function nextText({ nextFireAt, overdueMs }: ScheduleInfo, now: number): string {
  if (nextFireAt === undefined) return "-";
  return overdueMs === undefined ? formatDistance(nextFireAt, now) : `due ${formatDistance(nextFireAt, now)}`;
}

function lastText(run: ScheduledRun | undefined, now: number): string {
  if (run === undefined) return "-";
  const when = formatDistance(run.fireAt, now);
  return run.state === undefined ? when : `${run.state} ${when}`;
}

function missedCount(count: number, paint: Paint): string {
  return count === 0 ? "0" : paint("warning", String(count));
}

function whenText({ when, start, end, maxRuns, jitterMs }: ScheduleInfo): string {
  const dst =
    when.kind === "cron" && when.timeZone !== "UTC" ? `, gap ${when.gap}, repeat ${when.repeat}` : "";
  const parts = [
    printable(ruleText(when)) + dst,
    ...(start === undefined ? [] : [`from ${new Date(start).toISOString()}`]),
    ...(end === undefined ? [] : [`until ${new Date(end).toISOString()}`]),
    ...(maxRuns === undefined ? [] : [`at most ${maxRuns} times`]),
    ...(jitterMs === undefined ? [] : [`up to ${formatDuration(jitterMs)} later`]),
  ];
  return parts.join(", ");
}

function policiesText({ catchUp, catchUpLimit, overlap, expiresMs }: ScheduleInfo): string {
  const limit = catchUp === "all" ? ` (${catchUpLimit})` : "";
  const expires = expiresMs === undefined ? "" : `, expires after ${formatDuration(expiresMs)}`;
  return `catch up ${catchUp}${limit}, overlap ${overlap}${expires}`;
}

function pauseText({ at, reason, by }: NonNullable<ScheduleInfo["paused"]>, now: number): string {
  const who = by === undefined ? "" : `, by ${printable(by)}`;
  const why = reason === undefined ? "" : `, ${printable(reason)}`;
  return `${formatDistance(at, now)}${who}${why}`;
}

function runsTable(runs: readonly ScheduledRun[], { paint }: TextStyle): string {
  const rows = runs
    .toReversed()
    .map(({ runId, state = "unknown", fireAt, kind }) => [
      runId,
      paint(stateTone(state), state),
      formatMoment(fireAt),
      kind,
    ]);
  return indented(table(rows), "");
}

function missText({ why, count, fireAt }: ScheduleInfo["missed"][number]): string {
  return `${count} ${why}, the last at ${formatMoment(fireAt)}`;
}
