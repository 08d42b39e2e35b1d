import { isRunId, decodeToken, encodeToken } from "./names.ts";
import { describe, UmbelError } from "./umbel-error.ts";

/** The least and the most that a number may be. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** What a Date can hold. */
export const TIME: Range = { least: 0, most: 8_640_000_000_000_000 };

/** @throws UmbelError `undecodable` unless `text` is a whole number in `range`; `value` is the whole header. */
export function wholeNumber(text: string, { least, most }: Range, value: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw undecodableHeader(`${describe(text)} is not a whole number from ${least} to ${most}`, value);
}

/** @throws UmbelError `undecodable` unless `text` is a moment in milliseconds since the epoch. */
export function wholeTime(text: string, value: string): number {
  return wholeNumber(text, TIME, value);
}

/** @throws UmbelError `undecodable` unless `text` is a run id. */
export function runIdText(text: string, value: string): string {
  if (isRunId(text)) return text;
  throw undecodableHeader(`${describe(text)} is not a run id`, value);
}

/** @throws UmbelError `undecodable` unless `text` is what `encodeToken` makes of some text. */
export function tokenText(text: string, value: string): string {
  const decoded = decodeToken(text);
  if (decoded !== undefined) return decoded;
  throw undecodableHeader(`${describe(text)} is not an encoded text`, value);
}

/** Texts of any form, as one value. */
export function formatTokens(texts: readonly string[]): string {
  return texts.map((text) => encodeToken(text)).join(",");
}

/** @throws UmbelError `undecodable` unless {@link formatTokens} made `text`. */
export function tokenTexts(text: string, value: string): readonly string[] {
  return text.split(",").map((token) => tokenText(token, value));
}

/** The error for a header that is not one of ours. */
export function undecodableHeader(reason: string, value: string): UmbelError {
  const received = describe(value);
  return new UmbelError("undecodable", `the Umbel header is not readable: ${reason}. Received ${received}.`, {
    details: { field: "Umbel", received },
  });
}
