import { Decoder, Encoder, ExtensionCodec } from "@msgpack/msgpack";
import { UmbelError } from "./umbel-error.ts";

/** How deep values may nest, on the way out and on the way in. */
export const MAX_DEPTH = 100;

/**
 * MessagePack extension types of the wire protocol. A Date is the standard timestamp (-1).
 * Spec: https://github.com/msgpack/msgpack/blob/master/spec.md#extension-types
 */
export const EXTENSION_TYPES = { bigint: 1, map: 2, set: 3 } as const;

const extensionCodec = new ExtensionCodec();
const encoder = new Encoder({ extensionCodec, ignoreUndefined: true, maxDepth: MAX_DEPTH });
const decoder = new Decoder({ extensionCodec });
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true });

extensionCodec.register({
  type: EXTENSION_TYPES.map,
  encode: (value) => (value instanceof Map ? encoder.encode([...value.entries()].flat(1)) : null),
  decode: (data) => new Map(pairs(decodeArray(data))),
});
extensionCodec.register({
  type: EXTENSION_TYPES.set,
  encode: (value) => (value instanceof Set ? encoder.encode([...value]) : null),
  decode: (data) => new Set(decodeArray(data)),
});
extensionCodec.register({
  type: EXTENSION_TYPES.bigint,
  encode: (value) => (typeof value === "bigint" ? textEncoder.encode(value.toString()) : refuse(value)),
  decode: (data) => decodeBigint(data),
});

/**
 * `value` as MessagePack. Plain data, bytes, Date, bigint, Map and Set keep their type; an undefined
 * property is absent; a class instance travels as its own fields, and no class is ever revived.
 *
 * @param what how the error calls the value: `"input of media.thumbnail"`.
 * @throws UmbelError `not_encodable` for functions, symbols, promises, cycles and values nested too deep.
 */
export function encode(value: unknown, what = "value"): Uint8Array {
  try {
    return encoder.encode(value);
  } catch (cause) {
    throw new UmbelError("not_encodable", `${what} cannot be sent: ${explain(cause)}`, {
      cause,
      details: { field: what },
    });
  }
}

/**
 * The value that `bytes` hold.
 *
 * @throws UmbelError `undecodable` when they are not one whole MessagePack value, or nest too deep.
 */
export function decode(bytes: Uint8Array, what = "value"): unknown {
  try {
    const value = decoder.decode(bytes);
    checkDepth(value, MAX_DEPTH);
    return value;
  } catch (cause) {
    const message = `${what} is not readable MessagePack (${bytes.byteLength} bytes): ${explain(cause)}`;
    throw new UmbelError("undecodable", message, {
      cause,
      details: { field: what, bytes: bytes.byteLength },
    });
  }
}

function decodeArray(data: Uint8Array): unknown[] {
  const value: unknown = decoder.decode(data);
  if (!Array.isArray(value)) throw new RangeError("a Map or Set must hold an array");
  return value;
}

function* pairs(flat: readonly unknown[]): Generator<[unknown, unknown]> {
  if (flat.length % 2 !== 0) throw new RangeError("a Map must hold as many values as keys");
  for (let index = 0; index < flat.length; index += 2) yield [flat[index], flat[index + 1]];
}

function decodeBigint(data: Uint8Array): bigint {
  const text = textDecoder.decode(data);
  if (!/^-?\d+$/.test(text)) throw new RangeError("a bigint must be decimal digits");
  return BigInt(text);
}

// A promise has no fields of its own and would travel as an empty object: a forgotten `await`, silently lost.
function refuse(value: unknown): null {
  if (value instanceof Promise) throw new TypeError("it holds a Promise: await it first");
  if (typeof value === "function") throw new TypeError(`it holds a function (${value.name || "anonymous"})`);
  return null;
}

function checkDepth(value: unknown, left: number): void {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Date)
    return;
  if (left === 0) throw new RangeError(`it nests deeper than ${MAX_DEPTH}`);
  const children: Iterable<unknown> = isIterable(value) ? value : Object.values(value);
  for (const child of children) checkDepth(child, left - 1);
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function explain(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return /Too deep objects/.test(message)
    ? `it nests deeper than ${MAX_DEPTH}, or refers to itself`
    : message;
}
