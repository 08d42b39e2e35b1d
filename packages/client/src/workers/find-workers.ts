import { describe, invalidArgument, nearestName, UmbelError } from "@umbel/protocol";

/** What a worker is found by. */
export interface FoundWorker {
  readonly id: string;
  readonly name: string;
}

/**
 * The workers that `wanted` names: one by its id, or all of a name. Pure.
 *
 * @throws UmbelError `worker_unknown` when there is none, which says which may be meant.
 */
export function findWorkers<Worker extends FoundWorker>(
  wanted: unknown,
  workers: readonly Worker[],
): readonly Worker[] {
  if (typeof wanted !== "string" || wanted === "") {
    throw invalidArgument({ field: "worker", received: wanted, expected: "the id or name of a worker" });
  }
  const byId = workers.find(({ id }) => id === wanted);
  if (byId !== undefined) return [byId];
  const named = workers.filter(({ name }) => name === wanted);
  if (named.length > 0) return named;
  throw unknownWorker(wanted, workers);
}

/** The one worker that `wanted` names. @throws as {@link findWorkers} does; `invalid_argument` for several */
export function oneWorker<Worker extends FoundWorker>(wanted: unknown, workers: readonly Worker[]): Worker {
  const found = findWorkers(wanted, workers);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw invalidArgument({
    field: "worker",
    received: wanted,
    expected: "one worker",
    fix: `${found.length} have that name: ${listed(found)}.`,
  });
}

function unknownWorker(wanted: string, workers: readonly FoundWorker[]): UmbelError {
  const names = [...new Set(workers.flatMap(({ id, name }) => [name, id]))];
  const nearest = nearestName(wanted, names);
  const there = workers.length === 0 ? "There is none at all." : `There are ${listed(workers)}.`;
  const hint = nearest === undefined ? there : `Did you mean "${nearest}"?`;
  return new UmbelError(
    "worker_unknown",
    `worker ${describe(wanted)} is not known: no worker has that id or name. ${hint}`,
    { details: { worker: wanted, ...(nearest === undefined ? {} : { nearest }) } },
  );
}

const MOST_LISTED = 5;

function listed(workers: readonly FoundWorker[]): string {
  const ids = workers.slice(0, MOST_LISTED).map(({ id }) => id);
  const more = workers.length - ids.length;
  return more > 0 ? `${ids.join(", ")} and ${more} more` : ids.join(", ");
}
