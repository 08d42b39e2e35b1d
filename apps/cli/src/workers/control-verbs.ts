import type { ControlVerb } from "@umbel/client";
import type { VerbShape } from "./choose-verb.ts";

/** What `umbel control` does besides what it tells workers. */
export type MeshVerb = "cancel" | "pause-queue" | "resume-queue";

/** The verbs of `umbel control`. */
export const CONTROL_SHAPES: Readonly<Record<MeshVerb | ControlVerb, VerbShape>> = {
  cancel: { args: ["<ids...>"], alias: "revoke", about: "cancel runs, wherever they are" },
  terminate: { args: ["<ids...>"], about: "cancel runs, and end those that execute at once" },
  "pause-queue": { args: ["<queue>"], about: "let no run of a queue start, on any worker" },
  "resume-queue": { args: ["<queue>"], about: "let them start again" },
  "add-queue": { args: ["<queue>"], alias: "add-consumer", about: "have workers pull from one more queue" },
  "remove-queue": { args: ["<queue>"], alias: "cancel-consumer", about: "have workers leave a queue" },
  resize: { args: [], about: "execute more or fewer runs at a time: --concurrency, --threads" },
  "rate-limit": { args: ["<task>", "<rate>"], about: 'begin a task so often on each worker: "5/s", or none' },
  "time-limit": {
    args: ["<task>", "<timeout>"],
    about: 'end attempts of a task after so long: "30s", or none',
  },
  drain: { args: [], about: "take no more runs, finish, and stay" },
  undrain: { args: [], about: "take runs again" },
  shutdown: { args: [], about: "end workers, as SIGTERM does; with --now as a second one" },
  "log-level": { args: ["<level>"], about: "debug, info, warn, error or silent" },
};

/** What takes something away: people are asked first. */
export const DESTRUCTIVE: ReadonlySet<MeshVerb | ControlVerb> = new Set<MeshVerb | ControlVerb>([
  "terminate",
  "remove-queue",
  "drain",
  "shutdown",
]);
