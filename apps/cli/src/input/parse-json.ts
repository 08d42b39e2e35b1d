import { invalidArgument, UmbelError } from "@umbel/protocol";
import { tagOf, type Tag } from "../output/json.ts";

/**
 * The value of JSON text, with the tagged objects that `renderJson` writes turned back into what they stand for.
 *
 * @param field how errors call the text: `"--input"`.
 * @throws UmbelError `invalid_argument` for text that is no JSON, for a tagged object that does not fit its tag,
 * and for a whole number that JavaScript would round.
 */
export function parseJson(text: string, field: string): unknown {
  const value = parse(text, field);
  refuseRounding(text, field);
  return revive(value, field);
}

function parse(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UmbelError("invalid_argument", `${field}: not JSON: ${reason}. ${quotingHint(text)}`.trim(), {
      cause,
      details: { field, received: text.slice(0, 120), expected: "JSON" },
    });
  }
}

// What a shell leaves of {"a":1} and of 'text' without the other kind of quotes around.
function quotingHint(text: string): string {
  return /^\s*(?:[{[]?\s*[A-Za-z_$])/.test(text) ? `Quote it for the shell: --input '{"a":1}'.` : "";
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function refuseRounding(text: string, field: string): void {
  for (const [token] of text.matchAll(STRING_OR_NUMBER)) {
    if (!/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) continue;
    throw invalidArgument({
      field,
      received: token,
      expected: "whole numbers of at most 2^53",
      fix: `Pass it as text, or as a bigint: {"$bigint":"${token}"}.`,
    });
  }
}

function revive(value: unknown, field: string): unknown {
  if (Array.isArray(value)) return value.map((item) => revive(item, field));
  if (!isObject(value)) return value;
  const tag = tagOf(value);
  if (tag === undefined) return reviveFields(value, field);
  const revived = reviveTagged(tag, value[tag], (item) => revive(item, field));
  if (revived !== undefined) return revived;
  throw invalidArgument({
    field,
    received: value,
    expected: EXPECTED[tag],
    fix: `An object that is to stay as it is: {"$object":${JSON.stringify(value)}}.`,
  });
}

const EXPECTED: Readonly<Record<Tag, string>> = {
  $bigint: 'digits as text: {"$bigint":"12"}',
  $number: '{"$number":"NaN"}, "Infinity", "-Infinity" or "-0"',
  $date: 'an ISO 8601 time: {"$date":"2027-01-01T00:00:00Z"}',
  $bytes: 'base64: {"$bytes":"aGk="}',
  $map: 'pairs: {"$map":[["key","value"]]}',
  $set: 'an array: {"$set":[1,2]}',
  $object: 'an object: {"$object":{"a":1}}',
};

type Revive = (item: unknown) => unknown;

function reviveTagged(tag: Tag, content: unknown, item: Revive): unknown {
  switch (tag) {
    case "$map":
      return isPairs(content) ? new Map(content.map(([key, held]) => [item(key), item(held)])) : undefined;
    case "$set":
      return Array.isArray(content) ? new Set(content.map(item)) : undefined;
    case "$object":
      return isObject(content)
        ? Object.fromEntries(Object.entries(content).map(([key, held]) => [key, item(held)]))
        : undefined;
    default:
      return typeof content === "string" ? reviveText(tag, content) : undefined;
  }
}

function reviveText(tag: "$bigint" | "$number" | "$date" | "$bytes", text: string): unknown {
  switch (tag) {
    case "$bigint":
      return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
    case "$number":
      return /^(?:NaN|-?Infinity|-0)$/.test(text) ? Number(text) : undefined;
    case "$date":
      return Number.isNaN(Date.parse(text)) ? undefined : new Date(text);
    case "$bytes":
      return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, "base64")) : undefined;
    default:
      return tag satisfies never;
  }
}

function reviveFields(value: Readonly<Record<string, unknown>>, field: string): object {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item, field)]));
}

function isPairs(value: unknown): value is readonly (readonly [unknown, unknown])[] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
