import type { WorkerEntry } from "@umbel/protocol";
import type { WorkerChanges } from "../worker-changes.ts";
import type { WorkerParts } from "../worker-parts.ts";

/** What remote requests look at and change. */
export interface RemoteParts {
  readonly parts: WorkerParts;
  readonly changes: WorkerChanges;
  /** What the worker tells of itself now. */
  readonly entry: () => WorkerEntry;
  /** Tell that now: something has changed. */
  readonly tell: () => void;
  /** Why it takes no runs; `undefined` when it does. */
  readonly unreadyReason: () => string | undefined;
  readonly stop: (options: { readonly reason: string; readonly hurry: boolean }) => void;
}
