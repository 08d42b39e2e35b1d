import { readAudit, type BrokerConnection } from "@umbel/broker";
import {
  AUDIT_ACTIONS,
  checkFields,
  checkWholeNumber,
  invalidArgument,
  nearestName,
  parseDuration,
  type AuditAction,
  type AuditActor,
  type AuditRecord,
  type Duration,
} from "@umbel/protocol";

/** Something that an operator did. */
export interface AuditEntry {
  readonly id: string;
  /** Such as `queue.pause`. */
  readonly action: string;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  /** When it ended; absent when it was interrupted, or goes on. */
  readonly endedAt?: number;
  readonly outcome: "done" | "failed" | "unfinished";
  readonly who: AuditActor;
  /** What it was done to, and with which options. */
  readonly target: Readonly<Record<string, unknown>>;
  /** What came of it. */
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

/** What {@link Audit.list} takes. */
export interface AuditQuery {
  /** From this moment, or so long ago. @default "1d" */
  readonly since?: Date | Duration;
  readonly action?: AuditAction;
  /** At most so many, the latest. 1 to 10,000. @default 100 */
  readonly limit?: number;
}

/** Some of what operators did, the oldest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Whether there are earlier ones since then. */
  readonly more: boolean;
}

/** What operators did, for 90 days. Made by the mesh: `mesh.audit`. */
export class Audit {
  readonly #connection: BrokerConnection;
  readonly #now: () => number;

  constructor(connection: BrokerConnection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
  }

  /**
   * The latest of what operators did: whoever pauses, cancels, redrives or controls through Umbel writes it there,
   * and nobody can take it out again.
   *
   * @throws UmbelError `invalid_argument`; `permission_denied`, `broker_unavailable`.
   */
  async list(query: AuditQuery = {}): Promise<AuditPage> {
    checkFields(query, "audit", ["since", "action", "limit"]);
    const limit = checkWholeNumber(query.limit ?? 100, "audit.limit", { least: 1, most: 10_000 });
    const since = sinceOf(query.since ?? "1d", this.#now());
    const action = query.action === undefined ? undefined : checkAction(query.action);
    const latest = new LatestEntries(limit);
    for await (const record of readAudit(this.#connection, { since, action })) latest.add(record);
    return latest.page;
  }
}

/** Puts the two records of each action together, and keeps the latest actions. */
class LatestEntries {
  readonly #limit: number;
  readonly #entries = new Map<string, AuditEntry>();
  #more = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get page(): AuditPage {
    return { entries: [...this.#entries.values()], more: this.#more };
  }

  add(record: AuditRecord): void {
    const known = this.#entries.get(record.id);
    // Its beginning was dropped with the others.
    if (known === undefined && record.phase !== "begun" && this.#more) return;
    this.#entries.set(record.id, merged(known, record));
    const [oldest] = this.#entries.keys();
    if (this.#entries.size <= this.#limit || oldest === undefined) return;
    this.#entries.delete(oldest);
    this.#more = true;
  }
}

/** What is known of an action, with one more record of it. Pure. */
export function merged(known: AuditEntry | undefined, record: AuditRecord): AuditEntry {
  const { id, action, at, who, target, phase, result, error } = record;
  // Of the two, the first has aged out, or is before what was asked for.
  const first = known ?? { id, action, at, who, target, outcome: "unfinished" };
  if (phase === "begun") return first;
  return {
    ...first,
    endedAt: at,
    outcome: phase,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
  };
}

function sinceOf(since: Date | Duration, now: number): number {
  if (!(since instanceof Date)) return Math.max(0, now - parseDuration(since, "audit.since"));
  if (!Number.isNaN(since.getTime())) return since.getTime();
  throw invalidArgument({ field: "audit.since", received: since, expected: "a valid Date, or a duration" });
}

function checkAction(value: unknown): AuditAction {
  const found = AUDIT_ACTIONS.find((action) => action === value);
  if (found !== undefined) return found;
  const nearest = nearestName(String(value), AUDIT_ACTIONS);
  throw invalidArgument({
    field: "audit.action",
    received: value,
    expected: `one of ${AUDIT_ACTIONS.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}
