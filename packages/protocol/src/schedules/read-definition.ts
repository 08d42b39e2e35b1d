import { parseBackoff } from "../backoff-text.ts";
import { PRIORITIES } from "../priority.ts";
import { isFields, fieldReader, type FieldReader } from "../record-fields.ts";
import { readFailureTask } from "../failure-task.ts";
import { readTags } from "../tags.ts";
import { parseCron } from "./cron.ts";
import { numbers, oneOf, textMap, texts } from "./record-parts.ts";
import type { ScheduleRule } from "./rule.ts";
import {
  CATCH_UP_POLICIES,
  OVERLAP_POLICIES,
  type RunTemplate,
  type ScheduleDefinition,
} from "./schedule-definition.ts";
import { isSolarEvent } from "./solar.ts";
import { checkTimeZone } from "./time-zone.ts";

/** @throws UmbelError `undecodable` unless `value` defines a schedule */
export function readDefinition(value: unknown): ScheduleDefinition {
  const reader = fieldReader(value, "definition of a schedule");
  const { fields } = reader;
  return {
    rule: readRule(fields["rule"]),
    ...numbers(fields, ["start", "end"]),
    run: readTemplate(fields["run"]),
    catchUp: oneOf(reader, "catchUp", CATCH_UP_POLICIES),
    catchUpLimit: reader.number("catchUpLimit"),
    overlap: oneOf(reader, "overlap", OVERLAP_POLICIES),
    ...numbers(fields, ["expiresMs", "jitterMs", "maxRuns"]),
    ...texts(fields, ["description"]),
  };
}

function readRule(value: unknown): ScheduleRule {
  const reader = fieldReader(value, "rule of a schedule");
  const kind = oneOf(reader, "kind", ["cron", "every", "at", "solar"] as const);
  if (kind === "every") return { kind, everyMs: positive(reader, "everyMs") };
  if (kind === "at") return { kind, at: reader.number("at") };
  return kind === "cron" ? readCron(reader) : readSolar(reader);
}

// Everything that computes with it relies on what is checked here.
function readCron(reader: FieldReader): ScheduleRule {
  const cron = reader.text("cron");
  const timeZone = reader.text("timeZone");
  try {
    parseCron(cron);
    checkTimeZone(timeZone);
  } catch {
    throw reader.fail("its cron expression or its time zone is not known here");
  }
  const gap = oneOf(reader, "gap", ["after", "skip"] as const);
  const repeat = oneOf(reader, "repeat", ["first", "last", "both"] as const);
  return { kind: "cron", cron, timeZone, gap, repeat };
}

function readSolar(reader: FieldReader): ScheduleRule {
  const event = reader.text("event");
  if (!isSolarEvent(event)) throw reader.fail("its event of the sun is not known");
  return { kind: "solar", event, latitude: reader.number("latitude"), longitude: reader.number("longitude") };
}

function positive(reader: FieldReader, field: string): number {
  const value = reader.number(field);
  if (value > 0) return value;
  throw reader.fail(`${field} is not above 0`);
}

function readTemplate(value: unknown): RunTemplate {
  const reader = fieldReader(value, "run of a schedule");
  const { fields } = reader;
  const { onRetry, ignoreResult } = fields;
  return {
    task: reader.text("task"),
    queue: reader.text("queue"),
    priority: oneOf(reader, "priority", PRIORITIES),
    input: reader.bytes("input"),
    ...numbers(fields, ["taskExpiresMs", "taskDeadlineMs", "timeoutMs", "deadlineMs", "resultTtlMs"]),
    ...texts(fields, ["key"]),
    ...(onRetry === "keep-order" || onRetry === "allow-reorder" ? { onRetry } : {}),
    ...(typeof ignoreResult === "boolean" ? { ignoreResult } : {}),
    ...defined("onFailure", readFailureTask(fields["onFailure"])),
    ...defined("headers", textMap(fields["headers"])),
    ...defined("tags", readTags(fields["tags"])),
    ...defined("retry", readRetry(fields["retry"])),
  };
}

function readRetry(value: unknown): RunTemplate["retry"] {
  if (!isFields(value)) return undefined;
  const { maxAttempts, backoff } = value;
  return {
    // It may be endless.
    ...(typeof maxAttempts === "number" ? { maxAttempts } : {}),
    ...defined("backoff", typeof backoff === "string" ? parseBackoff(backoff) : undefined),
    ...numbers(value, ["maxElapsedMs"]),
  };
}

function defined<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  const found: { [key in Name]?: Value } = {};
  if (value !== undefined) found[name] = value;
  return found;
}
