import { Cron } from "croner";
import { messageOf } from "../text-of.ts";
import { invalidArgument } from "../umbel-error.ts";

/** A cron expression that was understood. */
export interface CronPattern {
  /** The hour is left open (`*`, or a step of it): it goes by the time that passes, not by the clock on the wall. */
  readonly everyHour: boolean;
  /** The first time after `wall` that matches, both written as if they were UTC; `undefined`: never again. */
  next(wall: number): number | undefined;
}

const FIELDS_5 = ["minute", "hour", "day of month", "month", "day of week"] as const;
const FIELDS_6 = ["second", ...FIELDS_5] as const;
const NICKNAMES = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const LONGEST = 200;
const patterns = new Map<string, CronPattern>();
const MOST_PATTERNS = 1_000;

/**
 * Understand a cron expression of 5 fields, or of 6 with the seconds first.
 *
 * @throws UmbelError `invalid_argument` that says which field is wrong.
 */
export function parseCron(value: unknown, field = "cron"): CronPattern {
  const text = checkText(value, field);
  const known = patterns.get(text);
  if (known !== undefined) return known;
  const pattern = toPattern(text, field);
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(text, pattern);
  return pattern;
}

function checkText(value: unknown, field: string): string {
  if (typeof value === "string" && value.length <= LONGEST) {
    const text = value.trim();
    if (NICKNAMES.includes(text.toLowerCase())) return text.toLowerCase();
    const count = text.split(/\s+/).length;
    if (!text.startsWith("@") && (count === 5 || count === 6)) return text;
  }
  throw invalidArgument({
    field,
    received: value,
    expected: `a cron expression of 5 fields (${FIELDS_5.join(", ")}) or 6 with seconds first, or one of ${NICKNAMES.join(", ")}`,
  });
}

function toPattern(text: string, field: string): CronPattern {
  const cron = open(text, field);
  const hour = text.startsWith("@") ? undefined : text.split(/\s+/).at(-4);
  const pattern: CronPattern = {
    everyHour: text === "@hourly" || (hour?.startsWith("*") ?? false),
    next: (wall) => cron.nextRun(new Date(wall))?.getTime(),
  };
  // As long as the calendar takes to repeat itself: the 30th of February never comes.
  if (pattern.next(Date.UTC(2000, 0, 1)) !== undefined) return pattern;
  throw invalidArgument({ field, received: text, expected: "a cron expression that matches some day" });
}

// What it matches is a time on a wall: the zone is our own matter, with what happens when clocks are changed.
function open(text: string, field: string): Cron {
  try {
    return new Cron(text, { paused: true, utcOffset: 0 });
  } catch (error) {
    const wrong = text.startsWith("@") ? undefined : findWrong(text.split(/\s+/));
    const fix =
      wrong === undefined
        ? plain(error)
        : `The ${wrong.name} ${JSON.stringify(wrong.text)} is wrong: ${wrong.why}`;
    throw invalidArgument({ field, received: text, expected: "a cron expression", fix });
  }
}

interface WrongField {
  readonly name: string;
  readonly text: string;
  readonly why: string;
}

// Each field by itself among open ones: the complaint is then about that field.
function findWrong(fields: readonly string[]): WrongField | undefined {
  const names = fields.length === 6 ? FIELDS_6 : FIELDS_5;
  for (const [index, text] of fields.entries()) {
    const alone = names.map((_, other) => (other === index ? text : "*"));
    try {
      void new Cron(alone.join(" "), { paused: true, utcOffset: 0 });
    } catch (error) {
      return { name: names[index] ?? "field", text, why: plain(error) };
    }
  }
  return undefined;
}

function plain(error: unknown): string {
  const text = messageOf(error)
    .replace(/^\w+: /, "")
    .replace(/^configuration entry \d+ \(.*\) /, "it ");
  if (text.startsWith("From value is larger"))
    return `${text}. A range does not wrap around: list its parts with commas.`;
  return text.endsWith(".") ? text : `${text}.`;
}
