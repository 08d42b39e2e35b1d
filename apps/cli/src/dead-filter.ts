import type { DeadLetterSelection } from "@umbel/client";
import { defined } from "./input/defined.ts";

/** What flags say of the dead letters that are meant. */
export interface DeadFilterFlags {
  readonly queue?: string;
  readonly task?: string;
  readonly reason?: string;
  readonly fingerprint?: string;
  readonly tag?: string;
  readonly all?: boolean;
}

/** The filter that flags describe; its fields are checked by whoever takes it. */
export function deadFilter(flags: DeadFilterFlags): DeadLetterSelection {
  const { queue, task, reason, fingerprint, tag, all } = flags;
  return trust(defined({ queue, task, reason, fingerprint, tag, all }));
}

// The client checks every field, and names the nearest reason.
function trust(filter: object): DeadLetterSelection {
  return filter;
}
