/** `T` without the fields that are `undefined`. */
export type Defined<T> = { [Field in keyof T]?: Exclude<T[Field], undefined> };

/** A copy of `fields` without those that are `undefined`: flags that were not given leave defaults alone. */
export function defined<T extends object>(fields: T): Defined<T>;
export function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
