import type { MessagePort } from "node:worker_threads";
import type { SerializedError } from "@umbel/protocol";
import type { LogFields } from "@umbel/runtime";
import type { TraceHeaders } from "@umbel/telemetry";
import type { AbortCause } from "../execute/abort-control.ts";
import type { AttemptResult } from "../execute/attempt.ts";
import type { ChildReply, ChildRequest } from "../execute/enqueue-child.ts";
import type { ContextFields } from "./context-fields.ts";

/** What a thread is given for one attempt. */
export interface ThreadTask {
  readonly fields: ContextFields;
  readonly body: Uint8Array;
  readonly trace: TraceHeaders;
  /** For everything that is said while the handler executes. */
  readonly port: MessagePort;
}

/** What every thread is given when it starts. */
export interface ThreadSetup {
  readonly modules: readonly string[];
}

/** What a thread gives back. */
export type ThreadResult = AttemptResult;

/** From the worker's main thread to a handler's thread. */
export type ToThread =
  | { readonly type: "abort"; readonly cause: AbortCause; readonly timeoutMs: number | undefined }
  | { readonly type: "enqueued"; readonly index: number; readonly reply: ChildReply }
  | { readonly type: "refused"; readonly index: number; readonly error: SerializedError };

/** From a handler's thread to the worker's main thread. */
export type FromThread =
  | { readonly type: "enqueue"; readonly request: ChildRequest }
  | {
      readonly type: "log";
      readonly level: LogLevelName;
      readonly fields: LogFields;
      readonly message: string;
    };

/** The methods of a logger that write. */
export type LogLevelName = "debug" | "info" | "warn" | "error";
