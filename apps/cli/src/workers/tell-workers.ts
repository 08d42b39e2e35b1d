import type { ControlOptions, ControlResult, ControlVerb, Mesh } from "@umbel/client";

/** What {@link tellWorkers} tells, besides whom. */
export interface Telling {
  readonly args: readonly string[];
  readonly sizes: { readonly concurrency?: number; readonly threads?: number };
  readonly now: boolean;
}

type Tellers = Readonly<
  Record<
    Exclude<ControlVerb, "terminate">,
    (mesh: Mesh, telling: Telling, options: ControlOptions) => Promise<ControlResult<unknown>>
  >
>;

const TELLERS: Tellers = {
  "add-queue": ({ control }, { args: [queue = ""] }, options) => control.addQueue(queue, options),
  "remove-queue": ({ control }, { args: [queue = ""] }, options) => control.removeQueue(queue, options),
  resize: ({ control }, { sizes }, options) => control.resize(sizes, options),
  "rate-limit": ({ control }, { args: [task = "", rate] }, options) =>
    control.rateLimit(task, trust(rate), options),
  "time-limit": ({ control }, { args: [task = "", timeout] }, options) =>
    control.timeLimit(task, trust(timeout), options),
  drain: ({ control }, _, options) => control.drain(options),
  undrain: ({ control }, _, options) => control.undrain(options),
  shutdown: ({ control }, { now }, options) => control.shutdown({ ...options, now }),
  "log-level": ({ control }, { args: [level = ""] }, options) => control.logLevel(level, options),
};

/** Tell workers `verb`. @throws as `mesh.control` does */
export function tellWorkers(
  verb: Exclude<ControlVerb, "terminate">,
  mesh: Mesh,
  { telling, options }: { readonly telling: Telling; readonly options: ControlOptions },
): Promise<ControlResult<unknown>> {
  return TELLERS[verb](mesh, telling, options);
}

// The client checks it, and says what is accepted.
function trust(text: string | undefined): "none";
function trust(text: string | undefined): string | undefined {
  return text;
}
