import { invalidArgument } from "./umbel-error.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LENGTH = 10;
const COUNTER_LENGTH = 4;
const COUNTER_LIMIT = 16 ** COUNTER_LENGTH;
/**
 * The counter's digits are hexadecimal, two from here at a time: the server keeps subjects in a tree whose nodes have room for
 * 4, 10, 16 or 48 children, and 16 in one for 16 take least. With digits of base 32, a queued run took a fifth more memory.
 */
const HEXADECIMAL: readonly string[] = Array.from({ length: 256 }, (_, value) =>
  value.toString(16).toUpperCase().padStart(2, "0"),
);
/** How many last characters of a run id name its producer, and so its shard. */
export const ORIGIN_LENGTH = 10;
const SHARD_LENGTH = 3;

/** What a generated id consists of, in this order, in characters. */
export const RUN_ID_PARTS: { readonly time: number; readonly counter: number; readonly origin: number } = {
  time: TIME_LENGTH,
  counter: COUNTER_LENGTH,
  origin: ORIGIN_LENGTH,
};

/** Makes run ids for one producer. */
export interface RunIdSource {
  /** The producer's own part of every id: {@link ORIGIN_LENGTH} characters. */
  readonly origin: string;
  /** A fresh id, greater than every id that this source made before. */
  next(): string;
}

/**
 * A source of run ids: 24 characters of Crockford's base 32, the time in milliseconds first, then a
 * hexadecimal counter, then the producer's random origin. Sortable by time, unique across producers, safe in a subject.
 *
 * @param now milliseconds since the epoch. It may go back: ids do not.
 * @param randomBytes where the origin comes from; at least {@link ORIGIN_LENGTH} bytes.
 * @throws UmbelError `invalid_argument` for fewer bytes: two such producers would make the same ids.
 */
export function createRunIdSource(now: () => number, randomBytes: Uint8Array): RunIdSource {
  const origin = createOrigin(randomBytes);
  let lastMs = -1;
  let counter = 0;
  let prefix = "";
  const next = (): string => {
    const ms = Math.floor(now());
    if (ms > lastMs) {
      lastMs = ms;
      counter = 0;
      prefix = encodeNumber(lastMs, TIME_LENGTH);
    } else if (++counter === COUNTER_LIMIT) {
      lastMs += 1;
      counter = 0;
      prefix = encodeNumber(lastMs, TIME_LENGTH);
    }
    return `${prefix}${HEXADECIMAL[counter >> 8]}${HEXADECIMAL[counter & 255]}${origin}`;
  };
  return { origin, next };
}

function createOrigin(randomBytes: Uint8Array): string {
  if (randomBytes.byteLength < ORIGIN_LENGTH) {
    const expected = `at least ${ORIGIN_LENGTH} bytes`;
    throw invalidArgument({ field: "randomBytes", received: randomBytes, expected });
  }
  let origin = "";
  for (let index = 0; index < ORIGIN_LENGTH; index++) origin += ALPHABET[(randomBytes[index] ?? 0) & 31];
  return origin;
}

function encodeNumber(value: number, length: number): string {
  let rest = value;
  let text = "";
  for (let index = 0; index < length; index++) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

// Not that of generated ids: a derived one says nothing about time.
const DERIVED_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const DERIVED_LENGTH = TIME_LENGTH + COUNTER_LENGTH + ORIGIN_LENGTH;

/** The run id that follows from `digest`, of which the first 24 bytes count: the same run for everybody who derives it. */
export function digestId(digest: Uint8Array): string {
  let id = "";
  for (const byte of digest.subarray(0, DERIVED_LENGTH)) id += DERIVED_ALPHABET[byte & 31];
  return id;
}

/**
 * The shard that the record of `runId` lives in, from the last {@link ORIGIN_LENGTH} characters of the id.
 * All ids of one producer share a shard, so one subscription sees the outcomes of all its runs; and any
 * process can derive the shard of any id.
 */
export function shardOf(runId: string): string {
  // FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
  let hash = 0x811c9dc5;
  for (let index = Math.max(0, runId.length - ORIGIN_LENGTH); index < runId.length; index++) {
    hash = Math.imul(hash ^ runId.charCodeAt(index), 0x01000193);
  }
  return encodeNumber((hash >>> 0) % 32 ** SHARD_LENGTH, SHARD_LENGTH);
}

/** When the run of a generated `runId` was enqueued, in milliseconds since the epoch; `undefined` for chosen ids. */
export function timeOfRunId(runId: string): number | undefined {
  if (!/^[0-9A-HJKMNP-TV-Z]{24}$/.test(runId)) return undefined;
  let ms = 0;
  for (const character of runId.slice(0, TIME_LENGTH)) ms = ms * 32 + ALPHABET.indexOf(character);
  return ms;
}
