import { checkWholeNumber, invalidArgument } from "@umbel/protocol";

/** No page reads more messages of a stream than this. */
export const MAX_SCANNED = 1_000;
/** No page goes on reading behind this many bytes. */
const MAX_SCANNED_BYTES = 8 * 1_048_576;
const BATCH = 250;

const DEFAULT_LIMIT = 100;

/** @throws UmbelError `invalid_argument` unless `limit` is a whole number from 1 to 1000. */
export function checkLimit(limit: unknown, field: string): number {
  return limit === undefined
    ? DEFAULT_LIMIT
    : checkWholeNumber(limit, field, { least: 1, most: MAX_SCANNED });
}

/** What stands at one place of a stream. */
export interface Placed {
  readonly sequence: number;
  readonly bytes: number;
}

/** Where the entries of a page come from. */
export interface PageSource<Item extends Placed, Entry> {
  /** Whether every item becomes an entry, so that no more of them need be read than entries are wanted. */
  readonly exact: boolean;
  read(after: number, limit: number): Promise<{ readonly items: readonly Item[]; readonly more: boolean }>;
  /** The entries for `items`, in their order; `undefined` for one that does not belong to the listing. */
  select(items: readonly Item[]): Promise<readonly (Entry | undefined)[]>;
}

/** Some entries of a listing. */
export interface FilledPage<Entry> {
  readonly entries: readonly Entry[];
  /** The sequence behind which the next page begins. */
  readonly after: number;
  /** Whether nothing is left behind it. */
  readonly done: boolean;
  /** How many messages were read for it. */
  readonly scanned: number;
}

/** How much a page may hold and read. */
export interface PageBounds {
  readonly after: number;
  readonly limit: number;
  /** @default 1000 */
  readonly scan?: number;
}

/** Read from `source` until a page is full, enough was read for it, or nothing is left. */
export async function fillPage<Item extends Placed, Entry>(
  source: PageSource<Item, Entry>,
  { after: start, limit, scan = MAX_SCANNED }: PageBounds,
): Promise<FilledPage<Entry>> {
  const entries: Entry[] = [];
  let after = start;
  let scanned = 0;
  let bytes = 0;
  for (;;) {
    const wanted = source.exact ? limit - entries.length : BATCH;
    const { items, more } = await source.read(after, Math.min(wanted, scan - scanned));
    const taken = take(items, await source.select(items), limit - entries.length);
    entries.push(...taken.entries);
    scanned += items.length;
    bytes += items.reduce((sum, item) => sum + item.bytes, 0);
    after = taken.last ?? after;
    const done = !more && taken.count === items.length;
    const enough = entries.length >= limit || scanned >= scan || bytes >= MAX_SCANNED_BYTES;
    if (done || enough) return { entries, after, done, scanned };
  }
}

interface Taken<Entry> {
  readonly entries: readonly Entry[];
  /** How many items were looked at, and the sequence of the last of them. */
  readonly count: number;
  readonly last: number | undefined;
}

function take<Entry>(
  items: readonly Placed[],
  selected: readonly (Entry | undefined)[],
  limit: number,
): Taken<Entry> {
  const entries: Entry[] = [];
  let count = 0;
  for (const entry of selected) {
    if (entries.length >= limit) break;
    count += 1;
    if (entry !== undefined) entries.push(entry);
  }
  return { entries, count, last: items[count - 1]?.sequence };
}

/** A place in a listing as callers pass it on: they cannot read anything out of it. */
export function formatCursor(kind: string, sequence: number): string {
  return `${kind}${sequence.toString(36)}`;
}

/** What {@link formatCursor} made `cursor` from. @throws UmbelError `invalid_argument` when it did not */
export function parseCursor(
  cursor: unknown,
  kinds: readonly string[],
  field: string,
): { readonly kind: string; readonly sequence: number } {
  const [, kind = "", digits = ""] =
    typeof cursor === "string" ? (/^([a-z])([0-9a-z]{1,11})$/.exec(cursor) ?? []) : [];
  const sequence = Number.parseInt(digits, 36);
  if (kinds.includes(kind) && Number.isSafeInteger(sequence)) return { kind, sequence };
  throw invalidArgument({ field, received: cursor, expected: 'the "after" of a page of this listing' });
}
