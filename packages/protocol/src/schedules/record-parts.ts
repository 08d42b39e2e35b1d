import { isFields, isFiniteNumber, type FieldReader, type Fields } from "../record-fields.ts";

/** The field's value if it is one of `known`. @throws UmbelError `undecodable` */
export function oneOf<T extends string>(reader: FieldReader, field: string, known: readonly T[]): T {
  const found = known.find((value) => value === reader.fields[field]);
  if (found === undefined) throw reader.fail(`${field} is not known`);
  return found;
}

/** The fields among `names` that are texts. */
export function texts<Name extends string>(
  fields: Fields,
  names: readonly Name[],
): { readonly [key in Name]?: string } {
  const found: { [key in Name]?: string } = {};
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "string") found[name] = value;
  }
  return found;
}

/** The fields among `names` that are numbers. */
export function numbers<Name extends string>(
  fields: Fields,
  names: readonly Name[],
): { readonly [key in Name]?: number } {
  const found: { [key in Name]?: number } = {};
  for (const name of names) {
    const value = fields[name];
    if (isFiniteNumber(value)) found[name] = value;
  }
  return found;
}

/** A map of texts, or nothing. */
export function textMap(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isFields(value)) return undefined;
  const pairs = Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return Object.fromEntries(pairs);
}
