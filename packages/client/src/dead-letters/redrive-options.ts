import { checkFields, checkQueueName, invalidArgument, parseRate, type Rate } from "@umbel/protocol";
import type { RunHandle } from "../run-handle.ts";
import type { DeadLetterInfo } from "./dead-letter-info.ts";

/** How far a redrive or discard of many has come. */
export interface DeadLetterProgress {
  /** Redriven, or discarded. */
  readonly done: number;
  /** Redriven before, by someone who could not remove the letter: it is removed now. */
  readonly existed: number;
  /** Cannot be redriven as they are. They stay. */
  readonly refused: number;
  /** Ids without a dead letter: never dead, or somebody else was faster. */
  readonly missing: number;
}

/** What doing something with many dead letters takes. */
export interface DeadLetterBulkOptions {
  /** Begin no more: what has begun is finished, then the reason of the signal is thrown. Calling again goes on. */
  readonly signal?: AbortSignal;
  /** Called after each letter. */
  readonly onProgress?: (progress: DeadLetterProgress) => void;
}

/** How dead letters become runs again. */
export interface RedriveOptions extends DeadLetterBulkOptions {
  /** Another input. For one dead letter only. @default the one that it has */
  readonly input?: unknown;
  /** Makes each input anew from the one that the dead letter has; `undefined` when that cannot be decoded. */
  readonly editInput?: (input: unknown, letter: DeadLetterInfo) => unknown;
  /** Another queue. @default the one that it died in */
  readonly queue?: string;
  /** No faster than this: `"100/s"`, `"30/m"`. @default as fast as it goes */
  readonly rate?: Rate;
  /** Called with each new run, and the id of the dead one. */
  readonly onRun?: (run: RunHandle<unknown>, redriveOf: string) => void;
}

/** Checks {@link RedriveOptions}. @throws UmbelError `invalid_argument` */
export function checkRedriveOptions(options: RedriveOptions, single: boolean): ResolvedRedrive {
  const { editInput, queue, rate } = options;
  checkFields(options, "redrive", ["input", "editInput", "queue", "rate", "signal", "onProgress", "onRun"]);
  const edited = Object.hasOwn(options, "input");
  if (edited && (!single || editInput !== undefined)) {
    throw invalidArgument({
      field: "redrive.input",
      received: options.input,
      expected: single ? "either input or editInput" : "no input, which is for one dead letter",
      fix: "editInput makes one for each.",
    });
  }
  if (queue !== undefined) checkQueueName(queue, "redrive.queue");
  return {
    edit: edited ? () => options.input : editInput,
    queue,
    intervalMs: rate === undefined ? undefined : parseRate(rate, "redrive.rate"),
  };
}

/** {@link RedriveOptions}, checked. */
export interface ResolvedRedrive {
  readonly edit: ((input: unknown, letter: DeadLetterInfo) => unknown) | undefined;
  readonly queue: string | undefined;
  readonly intervalMs: number | undefined;
}
