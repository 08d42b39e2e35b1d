import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ScheduleDeclaration } from "@umbel/client";
import { invalidArgument } from "@umbel/protocol";
import { parseJson } from "../input/parse-json.ts";

const FIELD = "<file>";

/**
 * The schedules in a JSON file (a list, or an object with `schedules`), or those that a module exports as
 * `schedules`. What is in the list is checked by whoever syncs it.
 *
 * @throws UmbelError `invalid_argument` for a file that cannot be read, or holds no list
 */
export async function readDeclarations(file: string, cwd: string): Promise<readonly ScheduleDeclaration[]> {
  const path = resolve(cwd, file);
  const found: unknown = extname(path) === ".json" ? await readJson(path) : await load(path);
  const list: unknown = Array.isArray(found)
    ? found
    : (fieldOf(found, "schedules") ?? fieldOf(found, "default"));
  if (isList(list)) return list;
  throw invalidArgument({
    field: FIELD,
    received: file,
    expected: "a JSON list of schedules, or a module that exports the list as schedules",
  });
}

async function readJson(path: string): Promise<unknown> {
  return parseJson(await reading(path, () => readFile(path, "utf8")), FIELD);
}

function load(path: string): Promise<unknown> {
  return reading(path, (): Promise<unknown> => import(pathToFileURL(path).href));
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalidArgument({ field: FIELD, received: path, expected: `a file that can be read (${reason})` });
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

// Each entry is checked by name when the list is synced.
function isList(value: unknown): value is readonly ScheduleDeclaration[] {
  return Array.isArray(value);
}
