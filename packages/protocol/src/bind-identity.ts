import type { Identity, IdentityOptions } from "./identity.ts";

/** What of a task says whether its runs are unique. */
export type IdentityTask = { readonly identity: Identity | undefined };

/**
 * `options` with what the task says of its runs' identity, unless the call says it: plain data, whatever made the
 * key.
 *
 * @throws UmbelError `invalid_argument` when the task's function makes no key; whatever it throws.
 */
export function bindIdentity<Options extends IdentityOptions>(
  { identity }: IdentityTask,
  input: unknown,
  options: Options | undefined,
): Options | undefined {
  if (identity === undefined || saysItself(options)) return options;
  const own = identity.until === "fired" ? undefined : options?.uniqueKey;
  const key = own ?? identity.keyOf?.(input) ?? identity.key;
  return Object.assign({}, options, identityOptions(identity, key));
}

function saysItself(options: IdentityOptions | undefined): boolean {
  return options?.unique !== undefined || options?.debounce !== undefined;
}

function identityOptions({ until, forMs, maxMs }: Identity, key: string | undefined): IdentityOptions {
  const keyed = key === undefined ? {} : { uniqueKey: key };
  if (until === "time") return { unique: { for: forMs }, ...keyed };
  if (until === "started" || until === "done") return { unique: `until-${until}`, ...keyed };
  return {
    debounce: {
      for: forMs,
      ...(maxMs === undefined ? {} : { max: maxMs }),
      ...(key === undefined ? {} : { key }),
    },
  };
}
