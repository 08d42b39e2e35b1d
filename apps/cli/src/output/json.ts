import { invalidArgument } from "@umbel/protocol";

/**
 * `value` as JSON that loses nothing: what JSON has no word for becomes an object with one key that starts with
 * `$`: `{"$bigint":"1"}`, `{"$date":"2027-01-01T00:00:00.000Z"}`, `{"$bytes":"<base64>"}`,
 * `{"$map":[[key,value],…]}`, `{"$set":[…]}`, `{"$number":"NaN"}`. {@link parseJson} reads them back.
 */
export function renderJson(value: unknown, indent = 0): string {
  return JSON.stringify(toPlain(value), undefined, indent) ?? "null";
}

/**
 * The value of JSON text, with the objects that {@link renderJson} writes turned back.
 *
 * @throws UmbelError `invalid_argument` for text that is no JSON, or a whole number that would be rounded.
 */
export function parseJson(text: string, field: string): unknown {
  const value = parse(text, field);
  refuseRounding(text, field);
  return revive(value, field);
}

const OBJECT = "$object";

function toPlain(value: unknown): unknown {
  if (typeof value === "bigint") return { $bigint: value.toString() };
  if (typeof value === "number") return plainNumber(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toPlain);
  return plainCollection(value) ?? plainObject(value);
}

function plainNumber(value: number): unknown {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return { $number: Object.is(value, -0) ? "-0" : String(value) };
}

function plainCollection(value: object): unknown {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [toPlain(key), toPlain(item)]) };
  if (value instanceof Set) return { $set: [...value].map(toPlain) };
  return undefined;
}

function plainObject(value: object): unknown {
  const plain = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]));
  // Somebody's own object that looks like one of ours.
  return tagOf(value) === undefined ? plain : { [OBJECT]: plain };
}

type Reviver = (content: unknown) => unknown;

const REVIVERS: Readonly<Partial<Record<string, Reviver>>> = {
  $bigint: (content) => (typeof content === "string" ? BigInt(content) : undefined),
  $number: (content) => (isOddNumber(content) ? Number(content) : undefined),
  $date: reviveDate,
  $bytes: reviveBytes,
  $map: reviveMap,
  $set: (content) => (Array.isArray(content) ? new Set(content.map(reviveItem)) : undefined),
  [OBJECT]: (content) => (isObject(content) ? reviveFields(content) : undefined),
};

function tagOf(value: object): string | undefined {
  const [key, ...others] = Object.keys(value);
  return key !== undefined && others.length === 0 && REVIVERS[key] !== undefined ? key : undefined;
}

function revive(value: unknown, field: string): unknown {
  try {
    return reviveItem(value);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalidArgument({
      field,
      received: JSON.parse(cause.message),
      expected: 'content that fits, such as {"$bigint":"1"} or {"$date":"2027-01-01T00:00:00Z"}',
    });
  }
}

function reviveItem(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviveItem);
  if (!isObject(value)) return value;
  const tag = tagOf(value);
  if (tag === undefined) return reviveFields(value);
  const revived = reviveTagged(REVIVERS[tag], value[tag]);
  if (revived !== undefined) return revived;
  throw new SyntaxError(JSON.stringify(value));
}

// BigInt("x") throws where the others find nothing.
function reviveTagged(reviver: Reviver | undefined, content: unknown): unknown {
  try {
    return reviver?.(content);
  } catch (error) {
    if (error instanceof SyntaxError && isJson(error.message)) throw error;
    return undefined;
  }
}

function reviveFields(value: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reviveItem(item)]));
}
