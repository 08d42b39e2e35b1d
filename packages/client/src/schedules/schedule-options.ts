import type {
  AnyTask,
  CallRetryOptions,
  CatchUpPolicy,
  Duration,
  GapPolicy,
  OnRetry,
  OverlapPolicy,
  Priority,
  RepeatPolicy,
  SolarEvent,
  Task,
  UserHeaders,
} from "@umbel/protocol";

/** When a schedule fires: exactly one of `cron`, `every`, `at` and `solar`. */
export interface ScheduleTiming {
  /**
   * A cron expression of 5 fields, or of 6 with seconds first: names, lists, ranges, steps, `L`, `W`, `#`; or
   * `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
   */
  readonly cron?: string;
  /** So much time from one firing to the next, a second at least; counted from `start`, or from when it is put. */
  readonly every?: Duration;
  /** Once, at this moment: a Date, or ISO 8601 text with a zone. */
  readonly at?: Date | string;
  /** At an event of the sun at a place; days on which it does not come are passed over. */
  readonly solar?: { readonly event: SolarEvent; readonly latitude: number; readonly longitude: number };
  /** The IANA zone whose clocks `cron` goes by. @default "UTC" */
  readonly timeZone?: string;
  /** What `cron` does when the clocks of its zone are changed. */
  readonly dst?: {
    /**
     * A time that the clocks skip: at the first moment `after` the gap, or not (`skip`).
     * @default "after"; "skip" where the hour is `*` or a step of it
     */
    readonly gap?: GapPolicy;
    /**
     * A time that the clocks show twice: the `first` time, the `last`, or `both`.
     * @default "first"; "both" where the hour is `*` or a step of it
     */
    readonly repeat?: RepeatPolicy;
  };
  /** Not before this moment. @default at once */
  readonly start?: Date | string;
  /** Not after this moment. @default never ends */
  readonly end?: Date | string;
}

/** How a schedule meets what goes wrong. */
export interface SchedulePolicies {
  /** What becomes of firings that nobody could make in time. @default "latest" */
  readonly catchUp?: CatchUpPolicy;
  /** The most firings that `catchUp: "all"` makes up for at once; the newest count. 1 to 1000. @default 100 */
  readonly catchUpLimit?: number;
  /** What happens while a run of this schedule has not ended. @default "allow" */
  readonly overlap?: OverlapPolicy;
  /** A firing that is later than this is missed, and its run does not start later. @default the task's, for its runs */
  readonly expires?: Duration;
  /** Each run is due up to this long after its firing. @default 0 */
  readonly jitter?: Duration;
  /** It ends after so many firings that made a run. @default never */
  readonly maxRuns?: number;
  /** For people. */
  readonly description?: string;
}

/** What each run of a schedule may say differently from its task. As with `enqueue`. */
export interface ScheduleRunOptions {
  readonly queue?: string;
  readonly priority?: Priority;
  readonly key?: string;
  readonly onRetry?: OnRetry;
  readonly retry?: CallRetryOptions;
  readonly timeout?: Duration;
  /** It must be over this long after it is due. */
  readonly deadline?: Duration;
  readonly resultTtl?: Duration;
  readonly ignoreResult?: boolean;
  readonly headers?: UserHeaders;
  /** At most 15: one more says which schedule it is of. */
  readonly tags?: readonly string[];
}

/** All about a schedule but its task and input. */
export interface ScheduleSettings extends ScheduleTiming, SchedulePolicies, ScheduleRunOptions {}

/** A schedule of a task. */
export interface ScheduleOptions<Input> extends ScheduleSettings {
  readonly task: Task<Input, unknown, unknown, unknown>;
  readonly input: NoInfer<Input>;
}

/** A schedule of a task that is known by its name only: the worker checks its input. */
export interface NamedScheduleOptions extends ScheduleSettings {
  readonly task: string;
  /** @default null */
  readonly input?: unknown;
}

/** A schedule in a list of them. */
export interface ScheduleDeclaration extends AnyScheduleOptions {
  readonly id: string;
}

/** A schedule of whatever task, made by `defineTask` or known by its name. Its input is checked, but not its type. */
export interface AnyScheduleOptions extends ScheduleSettings {
  readonly task: Pick<AnyTask, "name" | "queue" | "retry" | "runsOn"> | string;
  readonly input?: unknown;
}

const TIMING_FIELDS = ["cron", "every", "at", "solar", "timeZone", "dst", "start", "end"] as const;
const POLICY_FIELDS = [
  "catchUp",
  "catchUpLimit",
  "overlap",
  "expires",
  "jitter",
  "maxRuns",
  "description",
] as const;
const RUN_FIELDS = [
  "queue",
  "priority",
  "key",
  "onRetry",
  "retry",
  "timeout",
  "deadline",
  "resultTtl",
  "ignoreResult",
  "headers",
  "tags",
] as const;

/** Every option of a schedule. */
export const SCHEDULE_FIELDS: readonly string[] = [
  "task",
  "input",
  ...TIMING_FIELDS,
  ...POLICY_FIELDS,
  ...RUN_FIELDS,
];
