import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { invalidArgument, nearestName, UmbelError } from "@umbel/protocol";
import { CONFIG_FIELDS, type FlagValues } from "./config-fields.ts";

/**
 * The flags that the configuration at `path` stands for. Its types are stripped, nothing is built.
 *
 * @throws UmbelError `invalid_argument` that names the file and what is wrong with it, with `details.config`.
 */
export async function loadConfig(path: string): Promise<FlagValues> {
  try {
    return readConfig(await importDefault(path), path);
  } catch (error) {
    if (!UmbelError.is(error)) throw error;
    // Its fields are not flags: whoever tells of it must not call them so.
    throw new UmbelError(error.code, error.message, {
      cause: error.cause,
      details: { ...error.details, config: path },
    });
  }
}

/** The flags that `config`, the default export of the file at `path`, stands for. @throws UmbelError */
export function readConfig(config: unknown, path: string): FlagValues {
  const name = basename(path);
  if (config === undefined) {
    throw invalidArgument({
      field: name,
      received: undefined,
      expected: "a default export",
      fix: `Write: export default defineConfig({ … });`,
    });
  }
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw invalidArgument({ field: name, received: config, expected: "an object as its default export" });
  Object.keys(config).forEach((field) => checkKnown(field, name));
  const folder = dirname(path);
  const values = Object.entries(config).map(([field, value]) =>
    // As everywhere, a field that is undefined is one that is not there.
    value === undefined ? {} : CONFIG_FIELDS[field]?.(value, { field: `${name}: ${field}`, folder }),
  );
  return Object.assign({}, ...values);
}

// The value is not repeated: it may be a misspelt password.
function checkKnown(field: string, name: string): void {
  const known = Object.keys(CONFIG_FIELDS);
  if (known.includes(field)) return;
  const nearest = nearestName(field, known);
  const advice = nearest === undefined ? `There are: ${known.join(", ")}.` : `Did you mean "${nearest}"?`;
  throw new UmbelError("invalid_argument", `${name}: there is no field "${field}". ${advice}`, {
    details: { field },
  });
}

async function importDefault(path: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    return Reflect.get(Object(module), "default");
  } catch (cause) {
    throw new UmbelError("invalid_argument", `${path} cannot be loaded: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
