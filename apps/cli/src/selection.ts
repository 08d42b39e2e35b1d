import { invalidArgument } from "@umbel/protocol";

/** @throws UmbelError `invalid_argument` unless there are either ids or a filter */
export function checkTarget(ids: readonly string[], filter: object, field: string): void {
  const filtered = Object.keys(filter).length > 0;
  if (ids.length > 0 !== filtered) return;
  throw invalidArgument({
    field,
    received: filtered ? "ids and a filter" : "neither ids nor a filter",
    expected: "either ids or a filter",
    fix: "--all means every one.",
  });
}

/** A filter for people: `every run with queue "media", tag "import"`. */
export function describeFilter(what: string, filter: object): string {
  const fields = Object.entries(filter).filter(([field]) => field !== "all");
  if (fields.length === 0) return `${what} of the mesh`;
  return `${what} with ${fields.map(([field, value]) => `${field} "${String(value)}"`).join(", ")}`;
}
