import type { RunState } from "@umbel/protocol";

interface Base {
  /** Milliseconds since the epoch, by the true clock of the machine, whatever the process believes. */
  readonly at: number;
}

/** What a producer did about the operation `n`. */
export type ProducerEntry = Base & { readonly n: number } & (
    | { readonly what: "asked" }
    | { readonly what: "acked"; readonly runId: string; readonly existed: boolean }
    /** It may be stored or not. */
    | { readonly what: "refused"; readonly code: string }
    | { readonly what: "cancelling"; readonly runId: string }
    | {
        readonly what: "cancelled";
        readonly runId: string;
        readonly cancelled: boolean;
        readonly state: RunState;
      }
    /** The letter of the dead run may be gone from now on. */
    | { readonly what: "redriving"; readonly redriveOf: string }
    | { readonly what: "redriven"; readonly redriveOf: string; readonly runId: string }
    /** A schedule is there, whose runs have this operation for their input. */
    | { readonly what: "scheduled"; readonly scheduleId: string }
  );

/** What the handler of a run did. */
export type HandlerEntry = Base & {
  readonly what: "started" | "ended" | "failed" | "aborted";
  readonly n: number;
  readonly runId: string;
  readonly attempt: number;
  readonly delivery: number;
  readonly start: number;
  readonly fence: number;
  readonly pid: number;
};

/** A handler's enqueue of the child `index` was acknowledged. */
export type ChildEntry = Base & {
  readonly what: "child";
  readonly n: number;
  readonly parentId: string;
  readonly index: number;
  readonly runId: string;
};

/** What whoever verifies did, or saw. */
export type ConductorEntry = Base &
  (
    | {
        readonly what: "fault";
        readonly id: number;
        readonly kind: string;
        readonly phase: "begins" | "ends";
        readonly detail: string;
      }
    | { readonly what: "recovered"; readonly id: number; readonly kind: string; readonly afterMs: number }
    | { readonly what: "not-recovered"; readonly id: number; readonly kind: string; readonly afterMs: number }
    | {
        readonly what: "drained";
        readonly pid: number;
        readonly afterMs: number;
        readonly graceMs: number;
        readonly code: number;
      }
    | { readonly what: "killed"; readonly pid: number }
  );

/** A line of the history of a verification. */
export type HistoryEntry = ProducerEntry | HandlerEntry | ChildEntry | ConductorEntry;

/** An outcome of a run, as the broker announced it when it was stored. */
export interface OutcomeNotice {
  readonly runId: string;
  readonly sequence: number;
  readonly state: RunState;
}

/** What the mesh says of a run at the end. */
export interface EndRecord {
  readonly state: RunState;
  readonly attempt: number;
  /** What its handler returned. */
  readonly value?: unknown;
}

/** What a schedule says of itself at the end. */
export interface EndSchedule {
  readonly state: "active" | "paused" | "ended";
  readonly missedCount: number;
  readonly runs: readonly { readonly runId: string; readonly fireAt: number }[];
}

/** What is there when all is over. */
export interface EndState {
  readonly records: ReadonlyMap<string, EndRecord>;
  readonly schedules: ReadonlyMap<string, EndSchedule>;
  /** The runs of the dead letters. */
  readonly deadLetters: readonly string[];
  readonly notices: readonly OutcomeNotice[];
  /** How many messages of runs are left, and wait for nobody. */
  readonly leftMessages: number;
}
