import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from "@nats-io/jetstream";
import type { StreamSpec } from "@umbel/protocol";

/** What an operator may choose when the streams are made; later it is theirs, and never changed back. */
export interface StreamPlacement {
  /** Copies on different servers: 1, 3 or 5. @default 3 on a cluster, 1 on a server alone */
  readonly replicas?: number | undefined;
}

const NANOS_PER_MS = 1_000_000;

/** The server's configuration for `spec`. */
export function streamConfig(spec: StreamSpec): Partial<StreamConfig> & { name: string; subjects: string[] } {
  return {
    name: spec.name,
    description: spec.description,
    subjects: [...spec.subjects],
    retention: spec.retention === "workqueue" ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: spec.maxMessagesPerSubject,
    max_age: (spec.maxAgeMs ?? 0) * NANOS_PER_MS,
    ...(spec.maxBytes === undefined ? {} : { max_bytes: spec.maxBytes }),
    duplicate_window: spec.duplicateWindowMs * NANOS_PER_MS,
    allow_direct: true,
    allow_msg_ttl: spec.allowTtl ?? false,
    allow_msg_schedules: spec.allowSchedules ?? false,
    allow_atomic: spec.allowAtomic ?? false,
    allow_rollup_hdrs: spec.allowRollup ?? false,
    ...(spec.sealed === true ? SEALED : {}),
    ...rest(spec),
  };
}

const SEALED = { deny_delete: true, deny_purge: true } as const;

function rest(spec: StreamSpec): Partial<StreamConfig> {
  return {
    ...(spec.deleteMarkerTtlMs === undefined
      ? {}
      : { subject_delete_marker_ttl: spec.deleteMarkerTtlMs * NANOS_PER_MS }),
    ...(spec.republish === undefined
      ? {}
      : { republish: { src: spec.republish.source, dest: spec.republish.destination } }),
  };
}

/** One setting of a stream that is not what Umbel needs. */
export interface Difference {
  readonly setting: string;
  readonly found: unknown;
  readonly needed: unknown;
  /** Whether an update can set it right. */
  readonly mutable: boolean;
}

// The server refuses to change these, or would lose or strand messages by it.
const IMMUTABLE: ReadonlySet<string> = new Set([
  "retention",
  "storage",
  "allow_msg_schedules",
  "allow_msg_ttl",
]);
// Promises rest on these. What is not here (description, replicas, …) is the operator's.
const COMPARED = [
  "subjects",
  "retention",
  "discard",
  "max_msgs_per_subject",
  "allow_direct",
  "allow_msg_ttl",
  "allow_msg_schedules",
  "allow_atomic",
  "allow_rollup_hdrs",
  "deny_delete",
  "deny_purge",
  "subject_delete_marker_ttl",
  "republish",
] as const;

/** Limits that would silently drop what promises rest on: runs, outcomes, locks, decisions. */
const UNLIMITED = { max_msgs: -1, max_bytes: -1 } as const;

/** Where `found` departs from what Umbel needs. Pure. */
export function compareStream(found: StreamConfig, spec: StreamSpec): readonly Difference[] {
  const needed = streamConfig(spec);
  const differences: Difference[] = [];
  for (const setting of COMPARED) {
    if (needed[setting] === undefined || same(found[setting], needed[setting])) continue;
    differences.push(difference(setting, found[setting], needed[setting]));
  }
  if (spec.unlimited !== true) return differences;
  const limits = spec.maxAgeMs === undefined ? { ...UNLIMITED, max_age: 0 } : UNLIMITED;
  for (const [setting, unlimited] of Object.entries(limits)) {
    const value: unknown = Reflect.get(found, setting);
    if (typeof value === "number" && value > 0) differences.push(difference(setting, value, unlimited));
  }
  return differences;
}

function difference(setting: string, found: unknown, needed: unknown): Difference {
  // Switching a feature on is always possible; switching it off again is what the server refuses.
  const canTurnOn = needed === true && setting.startsWith("allow_");
  return { setting, found, needed, mutable: canTurnOn || !IMMUTABLE.has(setting) };
}

function same(found: unknown, needed: unknown): boolean {
  return JSON.stringify(normalize(found)) === JSON.stringify(normalize(needed));
}

function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(String).toSorted((left, right) => left.localeCompare(right));
  if (typeof value !== "object" || value === null) return value ?? false;
  const { src, dest }: Partial<Record<string, unknown>> = { ...value };
  return { src, dest };
}
