import type { ProcessScope } from "@umbel/telemetry";
import type { Handler } from "../handler.ts";
import type { AbortControl } from "./abort-control.ts";
import type { Ownership, Run } from "./run.ts";

/** One attempt that is to be executed now. */
export interface AttemptRequest {
  readonly run: Run;
  readonly handler: Handler;
  readonly ownership: Ownership;
  readonly control: AbortControl;
  readonly scope: ProcessScope;
  /** When it is aborted, by its timeout or the run's deadline, in milliseconds since the epoch. */
  readonly deadline: number | undefined;
}
