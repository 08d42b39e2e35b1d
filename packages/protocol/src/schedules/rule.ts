import { parseCron } from "./cron.ts";
import { nextCronFire, type GapPolicy, type RepeatPolicy } from "./cron-fires.ts";
import { nextSolarFire, type SolarEvent } from "./solar.ts";

/** When a schedule fires. Times in milliseconds since the epoch, lengths in milliseconds. */
export type ScheduleRule =
  | {
      readonly kind: "cron";
      readonly cron: string;
      readonly timeZone: string;
      readonly gap: GapPolicy;
      readonly repeat: RepeatPolicy;
    }
  | { readonly kind: "every"; readonly everyMs: number }
  | { readonly kind: "at"; readonly at: number }
  | {
      readonly kind: "solar";
      readonly event: SolarEvent;
      readonly latitude: number;
      readonly longitude: number;
    };

/** A rule with the time that it holds for. */
export interface RuleSpan {
  readonly rule: ScheduleRule;
  /** It does not fire before this; an interval fires first at this moment. */
  readonly start?: number;
  /** It does not fire after this. */
  readonly end?: number;
}

/**
 * The first moment after `after` at which a schedule fires by its rule; `undefined`: never again. An interval
 * without a start is counted from `anchor`. Pure.
 */
export function nextFire(span: RuleSpan, anchor: number, after: number): number | undefined {
  const { rule, start, end } = span;
  const from = start === undefined ? after : Math.max(after, start - 1);
  const at = nextOfRule(rule, start ?? anchor, from);
  return at === undefined || (end !== undefined && at > end) ? undefined : at;
}

function nextOfRule(rule: ScheduleRule, anchor: number, after: number): number | undefined {
  switch (rule.kind) {
    case "cron":
      return nextCronFire(parseCron(rule.cron), rule, after);
    case "every":
      return nextOfInterval(rule.everyMs, anchor, after);
    case "at":
      return rule.at > after ? rule.at : undefined;
    case "solar":
      return nextSolarFire(rule, after);
    default:
      return rule satisfies never;
  }
}

// The anchor itself is the start, where there is one: then it is not after it.
function nextOfInterval(everyMs: number, anchor: number, after: number): number {
  if (after < anchor) return anchor;
  return anchor + (Math.floor((after - anchor) / everyMs) + 1) * everyMs;
}

/** The next `count` moments after `after` at which a schedule fires, or fewer if there are no more. Pure. */
export function nextFires(
  span: RuleSpan,
  anchor: number,
  { after, count }: { readonly after: number; readonly count: number },
): readonly number[] {
  const fires: number[] = [];
  for (let at = nextFire(span, anchor, after); at !== undefined && fires.length < count;) {
    fires.push(at);
    at = nextFire(span, anchor, at);
  }
  return fires;
}

/** What was due in a stretch of time. */
export interface DueFires {
  /** The newest of them, oldest first. */
  readonly newest: readonly number[];
  /** How many there were; when they are not `counted`, at least so many. */
  readonly total: number;
  readonly counted: boolean;
}

/** After a long time without a worker, no more than this are counted one by one. */
const MOST_COUNTED = 1_000;
const FIRST_LOOK_BACK_MS = 60_000;

/** What was due after `after` and until `until`: its newest `limit`. Pure. */
export function dueFires(
  span: RuleSpan,
  anchor: number,
  { after, until, limit }: { readonly after: number; readonly until: number; readonly limit: number },
): DueFires {
  const all = firesUntil(span, anchor, { after, until });
  if (all.length < MOST_COUNTED) return { newest: all.slice(-limit), total: all.length, counted: true };
  return { newest: newestFires(span, anchor, { after, until, limit }), total: all.length, counted: false };
}

interface Stretch {
  readonly after: number;
  readonly until: number;
}

function firesUntil(span: RuleSpan, anchor: number, { after, until }: Stretch): number[] {
  const fires: number[] = [];
  let at = nextFire(span, anchor, after);
  while (at !== undefined && at <= until && fires.length < MOST_COUNTED) {
    fires.push(at);
    at = nextFire(span, anchor, at);
  }
  return fires;
}

// The end of a stretch with too many to count: looked for from further and further back.
function newestFires(
  span: RuleSpan,
  anchor: number,
  { after, until, limit }: Stretch & { readonly limit: number },
): readonly number[] {
  let found: readonly number[] = [];
  for (let back = FIRST_LOOK_BACK_MS; ; back *= 2) {
    const from = Math.max(after, until - back);
    const fires = firesUntil(span, anchor, { after: from, until });
    // So dense that the stretch is too long to count again: the one before it had to do.
    if (fires.length >= MOST_COUNTED && found.length > 0) return found.slice(-limit);
    found = fires;
    if (fires.length >= limit || from === after) return found.slice(-limit);
  }
}
