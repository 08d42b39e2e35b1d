import { UmbelError } from "./umbel-error.ts";

/** The fields of a decoded map, of types not known yet. */
export type Fields = Readonly<Partial<Record<string, unknown>>>;

/** Whether a decoded value is a map with fields: not an array, bytes, Date, Map or Set. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Reads the fields of one decoded map. Every method throws UmbelError `undecodable` naming the field. */
export class FieldReader {
  readonly fields: Fields;
  readonly #what: string;

  /** Use {@link fieldReader}. */
  constructor(fields: Fields, what: string) {
    this.fields = fields;
    this.#what = what;
  }

  text(field: string): string {
    const found = this.fields[field];
    if (typeof found === "string") return found;
    throw this.fail(`${field} is not a text`);
  }

  number(field: string): number {
    const found = this.fields[field];
    if (isFiniteNumber(found)) return found;
    throw this.fail(`${field} is not a number`);
  }

  bytes(field: string): Uint8Array {
    const found = this.fields[field];
    if (found instanceof Uint8Array) return found;
    throw this.fail(`${field} is not bytes`);
  }

  array(field: string): readonly unknown[] {
    const found = this.fields[field];
    if (Array.isArray(found)) return found;
    throw this.fail(`${field} is not an array`);
  }

  fail(reason: string): UmbelError {
    return unreadable(this.#what, reason);
  }
}

/** @throws UmbelError `undecodable` unless `value` is a map. `what` is how errors call it: `"run record"`. */
export function fieldReader(value: unknown, what: string): FieldReader {
  if (isFields(value)) return new FieldReader(value, what);
  throw unreadable(what, "it is not a map");
}

function unreadable(what: string, reason: string): UmbelError {
  return new UmbelError("undecodable", `the ${what} is not readable: ${reason}`, { details: { reason } });
}

/** Whether `value` is a number that is neither endless nor `NaN`. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
