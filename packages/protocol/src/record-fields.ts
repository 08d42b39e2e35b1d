import { UmbelError } from "./umbel-error.ts";

/** The fields of a decoded map, of types not known yet. */
export type Fields = Readonly<Partial<Record<string, unknown>>>;

/** Whether a decoded value is a map with fields: not an array, bytes, Date, Map or Set. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Reads the fields of one decoded map. Every method throws UmbelError `undecodable` naming the field. */
export interface FieldReader {
  readonly fields: Fields;
  text(field: string): string;
  number(field: string): number;
  bytes(field: string): Uint8Array;
  array(field: string): readonly unknown[];
  fail(reason: string): UmbelError;
}

/** @throws UmbelError `undecodable` unless `value` is a map. `what` is how errors call it: `"run record"`. */
export function fieldReader(value: unknown, what: string): FieldReader {
  const fail = (reason: string): UmbelError =>
    new UmbelError("undecodable", `the ${what} is not readable: ${reason}`, { details: { reason } });
  if (!isFields(value)) throw fail("it is not a map");
  const fields = value;
  const text = (field: string): string => {
    const found = fields[field];
    if (typeof found === "string") return found;
    throw fail(`${field} is not a text`);
  };
  const number = (field: string): number => {
    const found = fields[field];
    if (isFiniteNumber(found)) return found;
    throw fail(`${field} is not a number`);
  };
  const bytes = (field: string): Uint8Array => {
    const found = fields[field];
    if (found instanceof Uint8Array) return found;
    throw fail(`${field} is not bytes`);
  };
  const array = (field: string): readonly unknown[] => {
    const found = fields[field];
    if (Array.isArray(found)) return found;
    throw fail(`${field} is not an array`);
  };
  return { fields, text, number, bytes, array, fail };
}

/** Whether `value` is a number that is neither endless nor `NaN`. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
