import type { StoredDeadLetter } from "@umbel/broker";
import type { ErrorKind } from "@umbel/protocol";
import { kindOf } from "./dead-letter-info.ts";

/** Dead letters whose last error is of one kind. Times in milliseconds since the epoch. */
export interface DeadLetterGroup extends ErrorKind {
  readonly count: number;
  /** When the first and the last of them were given up; absent when no letter can be read. */
  readonly firstAt?: number;
  readonly lastAt?: number;
  /** One of them: the last that was read. */
  readonly runId: string;
  /** The tasks that they are of. */
  readonly tasks: readonly string[];
}

/** Counts dead letters by the kind of their last error. */
export class LetterGroups {
  readonly #groups = new Map<string, DeadLetterGroup>();

  /** Count one more. */
  add({ runId, task, letter }: StoredDeadLetter): void {
    const kind = kindOf(letter);
    const known = this.#groups.get(kind.fingerprint);
    const tasks = known?.tasks ?? [];
    this.#groups.set(kind.fingerprint, {
      ...kind,
      count: (known?.count ?? 0) + 1,
      ...spanOf(known, letter?.at),
      runId,
      tasks: tasks.includes(task) ? tasks : [...tasks, task],
    });
  }

  /** All groups, the largest first. */
  get largestFirst(): readonly DeadLetterGroup[] {
    return [...this.#groups.values()].toSorted((left, right) => right.count - left.count);
  }
}

// Letters are stored in about the order of their deaths, not quite.
function spanOf(
  known: DeadLetterGroup | undefined,
  at: number | undefined,
): Pick<DeadLetterGroup, "firstAt" | "lastAt"> {
  const { firstAt = at, lastAt = at } = known ?? {};
  if (firstAt === undefined || lastAt === undefined) return {};
  return { firstAt: Math.min(firstAt, at ?? firstAt), lastAt: Math.max(lastAt, at ?? lastAt) };
}
