import type { Delivery } from "@umbel/broker";
import type { AttemptError, RunMeta, UmbelError } from "@umbel/protocol";
import type { TraceHeaders } from "@umbel/telemetry";
import type { Handler } from "../handler.ts";

/** A hand-over by the broker, as far as anything but its making is concerned. */
export type RunDelivery = Pick<Delivery, keyof Delivery>;

/** A delivery with a readable header: a run that can be executed, or parked until a worker knows its task. */
export interface Run {
  readonly runId: string;
  readonly queue: string;
  readonly meta: RunMeta;
  readonly handler: Handler | undefined;
  readonly trace: TraceHeaders;
  readonly delivery: RunDelivery;
}

/** A delivery that is no run: what is wrong with it. */
export interface Unreadable {
  readonly runId: string;
  readonly queue: string;
  readonly task: string;
  readonly error: UmbelError;
  readonly delivery: RunDelivery;
}

/** By what right a worker executes or ends a run: what its next write to the record expects to find. */
export interface Ownership {
  /** The sequence of the record that this worker wrote or found; 0: there is none. */
  readonly expected: number;
  readonly attempt: number;
  readonly starts: number;
  readonly errors: readonly AttemptError[];
}

/** The ownership of a first delivery of a first attempt: nobody can have been there before, so nothing is read. */
export const FIRST_START: Ownership = { expected: 0, attempt: 1, starts: 1, errors: [] };
