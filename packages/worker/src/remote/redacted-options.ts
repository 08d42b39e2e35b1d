import type { ResolvedWorker } from "../worker-options.ts";

const LONGEST_MODULE = 200;
const HIDDEN = "(hidden)";
const SECRETS: ReadonlySet<string> = new Set(["password", "token"]);

/** How a worker was configured, defaults included, without what gives anybody rights. Pure. */
export function redactedOptions(options: ResolvedWorker): Readonly<Record<string, unknown>> {
  const { connection, handlers, middleware, modules, logger: _, onEvent, ...rest } = options;
  return {
    ...rest,
    connection: redactedConnection(connection),
    // A module may be a whole program in a URL.
    modules: modules.map((module) => withoutUser(module).slice(0, LONGEST_MODULE)),
    handlers: handlers.map(({ task }) => task.name),
    middleware: middleware.length,
    onEvent: onEvent !== undefined,
  };
}

function redactedConnection(connection: ResolvedWorker["connection"]): Readonly<Record<string, unknown>> {
  const { servers = [], logger: _, ...rest } = connection;
  const shown = Object.entries(rest).map(([name, value]) => [name, SECRETS.has(name) ? HIDDEN : value]);
  const urls = typeof servers === "string" ? [servers] : servers;
  return { servers: urls.map(withoutUser), ...Object.fromEntries(shown) };
}

// nats://user:password@host, and several of them in one text.
function withoutUser(url: string): string {
  return url.replaceAll(/((?:^|,)\s*(?:[a-z]+:\/\/)?)[^@/,\s]+@/gi, `$1${HIDDEN}@`);
}
