import type {
  CatchUpPolicy,
  GapPolicy,
  NamedScheduleOptions,
  OverlapPolicy,
  RepeatPolicy,
  ScheduleTiming,
} from "@umbel/client";
import {
  invalidArgument,
  isSolarEvent,
  nearestName,
  PRIORITIES,
  SOLAR_EVENTS,
  type Priority,
  type UserHeaders,
} from "@umbel/protocol";
import { Option, type Command } from "commander";
import { defined } from "../input/defined.ts";
import { headerPair, nameList, positiveDuration, wholeNumber } from "../input/flag-values.ts";

/** The flags that say when a schedule fires. Durations in milliseconds. */
export interface TimingFlags {
  readonly cron?: string;
  readonly every?: number;
  readonly at?: string;
  readonly solar?: string;
  readonly timeZone?: string;
  readonly gap?: GapPolicy;
  readonly repeat?: RepeatPolicy;
  readonly start?: string;
  readonly end?: string;
}

/** The flags that say how it meets what goes wrong. Durations in milliseconds. */
export interface PolicyFlags {
  readonly catchUp?: CatchUpPolicy;
  readonly catchUpLimit?: number;
  readonly overlap?: OverlapPolicy;
  readonly expires?: number;
  readonly jitter?: number;
  readonly maxRuns?: number;
  readonly description?: string;
}

/** The flags that say what its runs are. Durations in milliseconds. */
export interface RunFlags {
  readonly queue?: string;
  readonly priority?: Priority;
  readonly key?: string;
  readonly maxAttempts?: number;
  readonly timeout?: number;
  readonly deadline?: number;
  readonly header?: UserHeaders;
  readonly tags?: readonly string[];
}

/** Give `command` the flags of a schedule's times. */
export function addTimingFlags(command: Command): Command {
  return command
    .optionsGroup("Times (one of the first four):")
    .option("--cron <expression>", "5 fields, or 6 with seconds first; or @daily and the like")
    .option("--every <duration>", "so much time from one firing to the next", positiveDuration)
    .option("--at <time>", "once: 2027-01-01T09:00:00+01:00")
    .option("--solar <event,lat,long>", "such as sunset,48.85,2.35")
    .option("--time-zone <name>", "whose clocks --cron goes by, such as Europe/Paris (default: UTC)")
    .option("--gap <policy>", "times that clocks skip: after, skip (default: after)")
    .option("--repeat <policy>", "times that clocks show twice: first, last, both (default: first)")
    .option("--start <time>", "not before this moment")
    .option("--end <time>", "not after this moment");
}

/** Give `command` the flags of a schedule's policies. */
export function addPolicyFlags(command: Command): Command {
  return command
    .optionsGroup("Policies:")
    .option("--catch-up <policy>", "what was missed: skip, latest, all (default: latest)")
    .option("--catch-up-limit <number>", "how many at once, with all (default: 100)", wholeNumber(1, 1_000))
    .option("--overlap <policy>", "allow, skip, queue, cancel-previous (default: allow)")
    .option("--expires <duration>", "what is later than this is missed", positiveDuration)
    .option("--jitter <duration>", "each run is due up to this later", positiveDuration)
    .option("--max-runs <number>", "it ends after so many", wholeNumber(1, 1_000_000_000))
    .option("--description <text>", "for people");
}

/** Give `command` the flags of a schedule's runs. */
export function addRunFlags(command: Command): Command {
  return command
    .optionsGroup("Runs:")
    .option("--queue <name>", "where they wait (default: default)")
    .addOption(new Option("--priority <priority>", "(default: normal)").choices([...PRIORITIES]))
    .option("--key <text>", "runs of one key start one at a time, in order (default: none)")
    .option("--max-attempts <number>", "(default: the task's)", wholeNumber(1, 1_000))
    .option("--timeout <duration>", "of one attempt (default: the task's)", positiveDuration)
    .option("--deadline <duration>", "until they must be over (default: none)", positiveDuration)
    .option("--header <name=value>", "for the handler; may be repeated", headerPair)
    .option("--tags <a,b>", "to find them by", nameList);
}

/** The times that flags say. @throws UmbelError `invalid_argument` */
export function timingOf(flags: TimingFlags): ScheduleTiming {
  const { cron, every, at, timeZone, start, end, gap, repeat } = flags;
  const dst = gap === undefined && repeat === undefined ? undefined : defined({ gap, repeat });
  const solar = flags.solar === undefined ? undefined : solarOf(flags.solar);
  return defined({ cron, every, at, timeZone, start, end, dst, solar });
}

/** All that flags say of a schedule but its task and input. @throws UmbelError `invalid_argument` */
export function settingsOf(flags: TimingFlags & PolicyFlags & RunFlags): Omit<NamedScheduleOptions, "task"> {
  const { catchUp, catchUpLimit, overlap, expires, jitter, maxRuns, description } = flags;
  const { queue, priority, key, timeout, deadline, tags, maxAttempts, header: headers } = flags;
  const retry = maxAttempts === undefined ? undefined : { maxAttempts };
  return {
    ...timingOf(flags),
    ...defined({ catchUp, catchUpLimit, overlap, expires, jitter, maxRuns, description }),
    ...defined({ queue, priority, key, timeout, deadline, tags, retry, headers }),
  };
}

function solarOf(text: string): NonNullable<ScheduleTiming["solar"]> {
  const [event = "", latitude, longitude, ...rest] = text.split(",").map((part) => part.trim());
  if (!isSolarEvent(event)) {
    const nearest = nearestName(event, SOLAR_EVENTS);
    throw invalidArgument({
      field: "solar",
      received: event,
      expected: `one of ${SOLAR_EVENTS.join(", ")}`,
      ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
    });
  }
  if (rest.length === 0 && isNumber(latitude) && isNumber(longitude)) {
    return { event, latitude: Number(latitude), longitude: Number(longitude) };
  }
  throw invalidArgument({
    field: "solar",
    received: text,
    expected: "an event and two degrees: sunset,48.85,2.35",
  });
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^[+-]?\d+(?:\.\d+)?$/.test(text);
}
