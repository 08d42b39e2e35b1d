import {
  Decoder,
  Encoder,
  ExtensionCodec,
  decodeTimestampExtension,
  encodeTimestampExtension,
} from "@msgpack/msgpack";
import { checkStructure } from "./check-structure.ts";
import {
  EXTENSION_TYPES,
  FORBIDDEN_KEY,
  MAX_BIGINT_LENGTH,
  MAX_DEPTH,
  TIMESTAMP_TYPE,
} from "./codec-rules.ts";
import { keepBytes } from "./keep-bytes.ts";
import { messageOf } from "./text-of.ts";
import { describe, UmbelError } from "./umbel-error.ts";

const extensionCodec = new ExtensionCodec();
const encoder = new Encoder({ extensionCodec, ignoreUndefined: true, maxDepth: MAX_DEPTH });
const decoder = new Decoder({ extensionCodec });
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true });

extensionCodec.register({
  type: TIMESTAMP_TYPE,
  encode: (value) => (value instanceof Date ? encodeTimestampExtension(checkDate(value)) : null),
  decode: (data) => checkDate(decodeTimestampExtension(data)),
});
extensionCodec.register({
  type: EXTENSION_TYPES.bigint,
  encode: (value) => (typeof value === "bigint" ? encodeBigint(value) : refuse(value)),
  decode: (data) => decodeBigint(data),
});
extensionCodec.register({
  type: EXTENSION_TYPES.map,
  encode: (value) => (value instanceof Map ? encodeItems([...value.entries()].flat(1)) : null),
  decode: (data) => new Map(pairs(decodeArray(data))),
});
extensionCodec.register({
  type: EXTENSION_TYPES.set,
  encode: (value) => (value instanceof Set ? encodeItems([...value]) : null),
  decode: (data) => new Set(decodeArray(data)),
});

/**
 * `value` as MessagePack. Plain data, bytes, Date, bigint, Map and Set keep their type; an undefined
 * property is absent and any other undefined is null; a class instance travels as its own fields, and no class
 * is ever revived. What this accepts, {@link decode} accepts.
 *
 * @param what how the error calls the value: `"input of media.thumbnail"`.
 * @throws UmbelError `not_encodable` for functions, symbols, promises, errors, ArrayBuffers, invalid Dates, keys named
 * `__proto__`, cycles and values nested too deep.
 */
export function encode(value: unknown, what = "value"): Uint8Array {
  try {
    // A view of memory that the encoder will use again.
    const bytes = encoder.encodeSharedRef(value);
    // In each Map and Set the encoder counts depth anew.
    if (holdsCollections) checkStructure(bytes);
    return keepBytes(bytes);
  } catch (cause) {
    throw new UmbelError("not_encodable", `${what} cannot be sent: ${explain(cause)}`, {
      cause,
      details: { field: what },
    });
  } finally {
    holdsCollections = false;
  }
}

/**
 * The value that `bytes` hold. Byte arrays in it are views of `bytes`, not copies, and never Buffers.
 *
 * @throws UmbelError `undecodable`, and nothing else, when they are not one whole value of the wire protocol.
 */
export function decode(bytes: Uint8Array, what = "value"): unknown {
  try {
    checkStructure(bytes);
    return decoder.decode(plain(bytes));
  } catch (cause) {
    const message = `${what} is not readable MessagePack (${bytes.byteLength} bytes): ${explain(cause)}`;
    throw new UmbelError("undecodable", message, {
      cause,
      details: { field: what, bytes: bytes.byteLength },
    });
  }
}

// Of a Buffer every byte array would be one too, on the loop only: threads are given plain bytes.
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// What the encoder is at: how many Maps and Sets inside one another, and whether there was one at all.
let collectionDepth = 0;
let holdsCollections = false;

function encodeItems(items: readonly unknown[]): Uint8Array {
  if (collectionDepth === MAX_DEPTH) throw new RangeError("Too deep objects");
  holdsCollections = true;
  collectionDepth += 1;
  try {
    return encoder.encode(items);
  } finally {
    collectionDepth -= 1;
  }
}

function decodeArray(data: Uint8Array): unknown[] {
  const value: unknown = decoder.decode(data);
  if (!Array.isArray(value)) throw new RangeError("a Map or Set must hold an array");
  return value;
}

function* pairs(flat: readonly unknown[]): Generator<[unknown, unknown]> {
  for (let index = 0; index < flat.length; index += 2) yield [flat[index], flat[index + 1]];
}

function encodeBigint(value: bigint): Uint8Array {
  const text = value.toString();
  if (text.length > MAX_BIGINT_LENGTH) throw new RangeError(LONG_BIGINT);
  return textEncoder.encode(text);
}

function decodeBigint(data: Uint8Array): bigint {
  if (data.byteLength > MAX_BIGINT_LENGTH) throw new RangeError(LONG_BIGINT);
  const text = textDecoder.decode(data);
  if (!/^-?\d+$/.test(text)) throw new RangeError("a bigint must be decimal digits");
  return BigInt(text);
}

const LONG_BIGINT = `a bigint may have ${MAX_BIGINT_LENGTH} digits at most`;

// An invalid Date would arrive as the first of January 1970.
function checkDate(value: Date): Date {
  if (Number.isNaN(value.getTime())) throw new RangeError("it holds an invalid Date");
  return value;
}

// What has no fields of its own would travel as an empty object: a forgotten `await`, silently lost.
function refuse(value: unknown): null {
  if (typeof value === "function") throw new TypeError(`it holds a ${describe(value)}`);
  if (typeof value !== "object" || value === null) return null;
  if (value instanceof Promise) throw new TypeError("it holds a Promise: await it first");
  if (value instanceof Error) throw new TypeError("it holds an Error: throw it, or send its message");
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    throw new TypeError("it holds an ArrayBuffer: wrap it in a Uint8Array");
  }
  if (Object.hasOwn(value, FORBIDDEN_KEY)) throw new TypeError(`it holds a key named ${FORBIDDEN_KEY}`);
  return null;
}

function explain(cause: unknown): string {
  const message = messageOf(cause);
  return /Too deep objects/.test(message)
    ? `it nests deeper than ${MAX_DEPTH}, or refers to itself`
    : message;
}
