import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { invalidArgument } from "@umbel/protocol";
import { parseJson } from "./parse-json.ts";

const FIELD = "--input";

/**
 * The input of a run: JSON text, `-` for JSON from standard input, `@<path>` for JSON from a file. Without any,
 * `undefined`.
 *
 * @throws UmbelError `invalid_argument` for a file that cannot be read and for what is no JSON.
 */
export async function readInput(source: string | undefined, stdin: NodeJS.ReadableStream): Promise<unknown> {
  if (source === undefined) return undefined;
  if (source === "-") return parseJson(await text(stdin), FIELD);
  if (source.startsWith("@")) return parseJson(await readWhole(source.slice(1)), FIELD);
  return parseJson(source, FIELD);
}

async function readWhole(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalidArgument({ field: FIELD, received: `@${path}`, expected: `a readable file (${reason})` });
  }
}
