/** The keys of the objects that stand for what JSON has no word for. */
export const TAGS = ["$bigint", "$number", "$date", "$bytes", "$map", "$set", "$object"] as const;

/** One of {@link TAGS}. */
export type Tag = (typeof TAGS)[number];

/**
 * `value` as JSON that loses nothing: what JSON has no word for becomes an object with one key,
 * `{"$bigint":"1"}`, `{"$number":"NaN"}`, `{"$date":"2027-01-01T00:00:00.000Z"}`, `{"$bytes":"<base64>"}`,
 * `{"$map":[[key,value],…]}`, `{"$set":[…]}`. An object of the value's own that looks like one of these is put
 * into `{"$object":…}`. `parseJson` reads them back.
 */
export function renderJson(value: unknown): string {
  return JSON.stringify(toPlain(value)) ?? "null";
}

const LINE_WIDTH = 80;

/** {@link renderJson} for people: over several lines, but what fits into one stays in one. */
export function prettyJson(value: unknown): string {
  return pretty(toPlain(value), "");
}

function pretty(plain: unknown, indent: string): string {
  const line = JSON.stringify(plain) ?? "null";
  if (indent.length + line.length <= LINE_WIDTH || typeof plain !== "object" || plain === null) return line;
  const inner = `${indent}  `;
  const items = Array.isArray(plain)
    ? plain.map((item) => pretty(item, inner))
    : Object.entries(plain).map(([key, item]) => `${JSON.stringify(key)}: ${pretty(item, inner)}`);
  const [open, close] = Array.isArray(plain) ? ["[", "]"] : ["{", "}"];
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** The tag of an object that has one key, and that a tag. */
export function tagOf(value: object): Tag | undefined {
  const [key, ...others] = Object.keys(value);
  return others.length > 0 ? undefined : TAGS.find((tag) => tag === key);
}

function toPlain(value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: value.toString() };
  if (typeof value === "number") return plainNumber(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toPlain);
  return plainCollection(value) ?? plainObject(value);
}

function plainNumber(value: number): unknown {
  if (Object.is(value, -0)) return { $number: "-0" };
  return Number.isFinite(value) ? value : { $number: String(value) };
}

function plainCollection(value: object): unknown {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [toPlain(key), toPlain(item)]) };
  if (value instanceof Set) return { $set: Array.from(value, toPlain) };
  return undefined;
}

function plainObject(value: object): unknown {
  const plain = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]));
  return tagOf(value) === undefined ? plain : { $object: plain };
}
