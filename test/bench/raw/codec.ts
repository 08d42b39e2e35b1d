import { Decoder, Encoder } from "@msgpack/msgpack";

/** One for the whole process: making one is dear. */
export const encoder: Encoder = new Encoder();
/** One for the whole process: making one is dear. */
export const decoder: Decoder = new Decoder();

/** The value of `field` in a decoded map; `undefined` when there is none. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
}
