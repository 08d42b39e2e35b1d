import type { CompletedCommand, CompletedFlag } from "./completion-table.ts";

/** The paths of all commands below the first. */
export function pathsOf(table: readonly CompletedCommand[]): readonly string[] {
  return table.slice(1).map(({ path }) => path);
}

/** `path --flag` of every flag of which `wanted` is true. */
export function flagPaths(
  table: readonly CompletedCommand[],
  wanted: (flag: CompletedFlag) => boolean,
): readonly string[] {
  return table.flatMap(({ path, flags }) => flags.filter(wanted).map(({ name }) => `${path} ${name}`));
}

/** `text` as a word of a shell: between single quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
