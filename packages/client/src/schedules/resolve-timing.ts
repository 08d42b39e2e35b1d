import {
  checkFields,
  checkTimeZone,
  invalidArgument,
  isSolarEvent,
  nearestName,
  parseCron,
  parseDuration,
  SOLAR_EVENTS,
  type GapPolicy,
  type RepeatPolicy,
  type RuleSpan,
  type ScheduleRule,
} from "@umbel/protocol";
import { checkMoment } from "../moments.ts";
import type { ScheduleTiming } from "./schedule-options.ts";

const KINDS = ["cron", "every", "at", "solar"] as const;
const LEAST_INTERVAL_MS = 1_000;

/** When a schedule fires, checked. @throws UmbelError `invalid_argument` naming the wrong option */
export function resolveTiming(timing: ScheduleTiming): RuleSpan {
  const rule = resolveRule(timing);
  const start = timing.start === undefined ? undefined : checkMoment(timing.start, "start");
  const end = timing.end === undefined ? undefined : checkMoment(timing.end, "end");
  if (start !== undefined && end !== undefined && end < start) {
    throw invalidArgument({ field: "end", received: timing.end, expected: "a moment after start" });
  }
  return { rule, ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}

function resolveRule(timing: ScheduleTiming): ScheduleRule {
  const given = KINDS.filter((kind) => timing[kind] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    throw invalidArgument({
      field: given[1] ?? "cron",
      received: given[1] === undefined ? undefined : timing[given[1]],
      expected: "exactly one of cron, every, at and solar",
    });
  }
  if (kind !== "cron") refuseClocks(timing, kind);
  switch (kind) {
    case "cron":
      return resolveCron(timing);
    case "every":
      return { kind, everyMs: checkInterval(timing.every) };
    case "at":
      return { kind, at: checkMoment(timing.at, "at") };
    case "solar":
      return resolveSolar(timing.solar);
    default:
      return kind satisfies never;
  }
}

// A zone that did nothing would be believed to do something.
function refuseClocks(timing: ScheduleTiming, kind: string): void {
  for (const field of ["timeZone", "dst"] as const) {
    if (timing[field] === undefined) continue;
    throw invalidArgument({
      field,
      received: timing[field],
      expected: `no ${field} beside ${kind}: only cron goes by the clocks of a zone`,
    });
  }
}

function resolveCron({ cron, timeZone = "UTC", dst = {} }: ScheduleTiming): ScheduleRule {
  const { everyHour } = parseCron(cron);
  checkFields(dst, "dst", ["gap", "repeat"]);
  const { gap = everyHour ? "skip" : "after", repeat = everyHour ? "both" : "first" } = dst;
  return {
    kind: "cron",
    cron: String(cron).trim(),
    timeZone: checkTimeZone(timeZone),
    gap: oneOf<GapPolicy>(gap, "dst.gap", ["after", "skip"]),
    repeat: oneOf<RepeatPolicy>(repeat, "dst.repeat", ["first", "last", "both"]),
  };
}

function checkInterval(value: unknown): number {
  const ms = parseDuration(value, "every");
  if (ms >= LEAST_INTERVAL_MS) return ms;
  throw invalidArgument({ field: "every", received: value, expected: 'at least "1s"' });
}

function resolveSolar(solar: ScheduleTiming["solar"]): ScheduleRule {
  checkFields(solar, "solar", ["event", "latitude", "longitude"]);
  const { event, latitude, longitude } = { ...solar };
  if (!isSolarEvent(event)) {
    const nearest = nearestName(String(event), SOLAR_EVENTS);
    throw invalidArgument({
      field: "solar.event",
      received: event,
      expected: `one of ${SOLAR_EVENTS.join(", ")}`,
      ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
    });
  }
  return {
    kind: "solar",
    event,
    latitude: degrees(latitude, "solar.latitude", 90),
    longitude: degrees(longitude, "solar.longitude", 180),
  };
}

function degrees(value: unknown, field: string, most: number): number {
  if (typeof value === "number" && Math.abs(value) <= most) return value;
  throw invalidArgument({ field, received: value, expected: `degrees from -${most} to ${most}` });
}

/** `value` if it is one of `known`. @throws UmbelError `invalid_argument` with the one that was probably meant */
export function oneOf<T extends string>(value: unknown, field: string, known: readonly T[]): T {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  const nearest = typeof value === "string" ? nearestName(value, known) : undefined;
  throw invalidArgument({
    field,
    received: value,
    expected: `one of ${known.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}
