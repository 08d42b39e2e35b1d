import { decode, type RunTemplate, type ScheduleDefinition, type ScheduleRule } from "@umbel/protocol";
import type { NamedScheduleOptions, ScheduleTiming } from "./schedule-options.ts";

/** The options that give this definition, as far as they are not its task's own. @throws UmbelError `undecodable` */
export function optionsOf({ rule, start, end, run, ...rest }: ScheduleDefinition): NamedScheduleOptions {
  const { expiresMs, jitterMs, ...policies } = rest;
  return {
    ...timingOf(rule),
    ...(start === undefined ? {} : { start: new Date(start) }),
    ...(end === undefined ? {} : { end: new Date(end) }),
    ...policies,
    ...(expiresMs === undefined ? {} : { expires: expiresMs }),
    ...(jitterMs === undefined ? {} : { jitter: jitterMs }),
    ...runOptionsOf(run),
  };
}

function timingOf(rule: ScheduleRule): ScheduleTiming {
  switch (rule.kind) {
    case "cron": {
      const { cron, timeZone, gap, repeat } = rule;
      return { cron, timeZone, dst: { gap, repeat } };
    }
    case "every":
      return { every: rule.everyMs };
    case "at":
      return { at: new Date(rule.at) };
    case "solar": {
      const { kind: _, ...solar } = rule;
      return { solar };
    }
    default:
      return rule satisfies never;
  }
}

function runOptionsOf(run: RunTemplate): Pick<NamedScheduleOptions, "task" | "input"> {
  const { input, timeoutMs, deadlineMs, resultTtlMs, retry, ...rest } = run;
  const { taskExpiresMs: _, taskDeadlineMs: __, onFailure: ___, ...options } = rest;
  const { maxElapsedMs, ...tries } = retry ?? {};
  return {
    ...options,
    input: decode(input, `input of ${run.task}`),
    ...(retry === undefined
      ? {}
      : { retry: { ...tries, ...(maxElapsedMs === undefined ? {} : { maxElapsed: maxElapsedMs }) } }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(deadlineMs === undefined ? {} : { deadline: deadlineMs }),
    ...(resultTtlMs === undefined ? {} : { resultTtl: resultTtlMs }),
  };
}

/** What a definition has of its task that no option tells. */
export function taskPartsOf(run: RunTemplate): Partial<RunTemplate> {
  const { taskExpiresMs, taskDeadlineMs, onFailure } = run;
  return {
    ...(taskExpiresMs === undefined ? {} : { taskExpiresMs }),
    ...(taskDeadlineMs === undefined ? {} : { taskDeadlineMs }),
    ...(onFailure === undefined ? {} : { onFailure }),
  };
}

const KINDS = ["cron", "every", "at", "solar"] as const;

/** `options` with `changes` over them; another kind of times takes the place of the one before. Pure. */
export function mergeOptions(
  options: NamedScheduleOptions,
  changes: Partial<NamedScheduleOptions>,
): NamedScheduleOptions {
  if (KINDS.every((kind) => changes[kind] === undefined)) return { ...options, ...changes };
  const { cron: _, every: __, at: ___, solar: ____, dst: _____, timeZone, ...rest } = options;
  const zone = changes.cron === undefined || timeZone === undefined ? {} : { timeZone };
  return { ...rest, ...zone, ...changes };
}
