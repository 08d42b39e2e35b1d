import { EXTENSION_TYPES, MAX_DEPTH, TIMESTAMP_TYPE } from "./codec-rules.ts";

/**
 * Walk over `bytes` and build nothing: afterwards every length that they declare is known to be true, so that
 * a decoder allocates no more than was really sent. (A decoder that believes an array's length allocates
 * hundreds of megabytes for a message of five bytes.)
 *
 * @throws RangeError unless `bytes` are one whole value of the wire protocol, no deeper than {@link MAX_DEPTH}.
 */
export function checkStructure(bytes: Uint8Array): void {
  const cursor: Cursor = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
  skipValue(cursor, 1);
  const left = bytes.byteLength - cursor.at;
  if (left > 0) throw new RangeError(`${left} bytes follow the value`);
}

interface Cursor {
  readonly view: DataView;
  at: number;
}

function skipValue(cursor: Cursor, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError(`it nests deeper than ${MAX_DEPTH}`);
  const head = readLength(cursor, 1);
  if (head < 0x80 || head >= 0xe0) return;
  if (head < 0x90) skipItems(cursor, 2 * (head & 0x0f), depth);
  else if (head < 0xa0) skipItems(cursor, head & 0x0f, depth);
  else if (head < 0xc0) skipBytes(cursor, head & 0x1f);
  else skipMarked(cursor, FORMATS[head & 0x1f], depth);
}

/** What follows a head byte from 0xc0 to 0xdf: `size` is that of the value, or of the length before it. */
interface Format {
  readonly kind: "fixed" | "uint64" | "int64" | "bytes" | "array" | "map" | "fixext" | "ext";
  readonly size: number;
}

const row = (kind: Format["kind"], ...sizes: readonly number[]): Format[] =>
  sizes.map((size) => ({ kind, size }));

const FORMATS: readonly (Format | undefined)[] = [
  ...row("fixed", 0), // nil
  undefined, // 0xc1 is never used
  ...row("fixed", 0, 0), // false, true
  ...row("bytes", 1, 2, 4), // bin
  ...row("ext", 1, 2, 4),
  ...row("fixed", 4, 8), // float
  ...row("fixed", 1, 2, 4), // uint
  ...row("uint64", 8),
  ...row("fixed", 1, 2, 4), // int
  ...row("int64", 8),
  ...row("fixext", 1, 2, 4, 8, 16),
  ...row("bytes", 1, 2, 4), // str
  ...row("array", 2, 4),
  ...row("map", 2, 4),
];

function skipMarked(cursor: Cursor, format: Format | undefined, depth: number): void {
  if (format === undefined) throw new RangeError("0xc1 begins no value");
  const { kind, size } = format;
  switch (kind) {
    case "fixed":
      return skipBytes(cursor, size);
    case "uint64":
    case "int64":
      return skipWideInteger(cursor, kind);
    case "bytes":
      return skipBytes(cursor, readLength(cursor, size));
    case "array":
      return skipItems(cursor, readLength(cursor, size), depth);
    case "map":
      return skipItems(cursor, 2 * readLength(cursor, size), depth);
    case "fixext":
      return skipExtension(cursor, size, depth);
    case "ext":
      return skipExtension(cursor, readLength(cursor, size), depth);
  }
}

function skipItems(cursor: Cursor, count: number, depth: number): void {
  for (let index = 0; index < count; index++) skipValue(cursor, depth + 1);
}

function skipBytes(cursor: Cursor, count: number): void {
  cursor.at += count;
  if (cursor.at > cursor.view.byteLength) throw new RangeError("it ends too early");
}

function readLength(cursor: Cursor, size: number): number {
  const { view, at } = cursor;
  skipBytes(cursor, size);
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at) : view.getUint32(at);
}

// Such a number would arrive rounded, and nobody would notice.
function skipWideInteger(cursor: Cursor, kind: "uint64" | "int64"): void {
  const { view, at } = cursor;
  skipBytes(cursor, 8);
  const high = kind === "uint64" ? view.getUint32(at) : view.getInt32(at);
  if (Number.isSafeInteger(high * 2 ** 32 + view.getUint32(at + 4))) return;
  throw new RangeError(
    `an integer beyond 2^53 must travel as a bigint (extension ${EXTENSION_TYPES.bigint})`,
  );
}

function skipExtension(cursor: Cursor, length: number, depth: number): void {
  const { view, at } = cursor;
  skipBytes(cursor, 1);
  const type = view.getInt8(at);
  const end = cursor.at + length;
  if (type === EXTENSION_TYPES.map) skipCollection(cursor, "Map", depth);
  else if (type === EXTENSION_TYPES.set) skipCollection(cursor, "Set", depth);
  else if (type === EXTENSION_TYPES.bigint || type === TIMESTAMP_TYPE) skipBytes(cursor, length);
  else throw new RangeError(`extension type ${type} is not known`);
  if (cursor.at !== end) throw new RangeError(`extension ${type} must hold one array and no more`);
}

function skipCollection(cursor: Cursor, name: "Map" | "Set", depth: number): void {
  const count = readArrayLength(cursor);
  if (count === undefined) throw new RangeError(`a ${name} must hold an array`);
  if (name === "Map" && count % 2 !== 0) throw new RangeError("a Map must hold as many values as keys");
  skipItems(cursor, count, depth);
}

function readArrayLength(cursor: Cursor): number | undefined {
  const head = readLength(cursor, 1);
  if (head === 0xdc) return readLength(cursor, 2);
  if (head === 0xdd) return readLength(cursor, 4);
  return head >= 0x90 && head < 0xa0 ? head & 0x0f : undefined;
}
