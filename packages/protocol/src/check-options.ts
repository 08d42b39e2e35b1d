import { invalidArgument } from "./umbel-error.ts";

/**
 * The own fields of an options object, after checking that every one of them is known.
 *
 * @throws UmbelError `invalid_argument` that names an unknown field and the nearest known one.
 */
export function checkFields(options: unknown, what: string, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalidArgument({ field: what, received: options, expected: "an object of options" });
  }
  for (const field of Object.keys(options)) {
    if (known.includes(field)) continue;
    const nearest = nearestName(field, known);
    throw invalidArgument({
      field: `${what}.${field}`,
      received: Reflect.get(options, field),
      expected: `one of ${known.join(", ")}`,
      ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
    });
  }
}

/** @throws UmbelError `invalid_argument` unless `value` is a whole number from `least` to `most`. */
export function checkWholeNumber(
  value: unknown,
  field: string,
  range: { least: number; most: number },
): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= range.least && value <= range.most) {
    return value;
  }
  throw invalidArgument({
    field,
    received: value,
    expected: `a whole number from ${range.least} to ${range.most}`,
  });
}

/** @throws UmbelError `invalid_argument` unless `value` is true or false. */
export function checkFlag(value: unknown, field: string): boolean {
  if (typeof value === "boolean") return value;
  throw invalidArgument({ field, received: value, expected: "true or false" });
}

/** The name of `known` that `name` is most likely a misspelling of, if one is near enough. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance))
      best = { name: candidate, distance };
  }
  return best?.name;
}

function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
