import { pathToFileURL } from "node:url";
import { nearestName, UmbelError } from "@umbel/protocol";
import { isHandler, type Handler } from "./handler.ts";

/** The handlers of a worker by the names of their tasks. */
export class HandlerRegistry {
  readonly #handlers = new Map<string, Handler>();

  /** @throws UmbelError `duplicate_task` when two handlers handle one name, `handler_missing` when there is none. */
  constructor(handlers: Iterable<Handler>) {
    for (const handler of handlers) {
      const { name } = handler.task;
      const known = this.#handlers.get(name);
      if (known !== undefined && known !== handler) throw duplicate(name);
      this.#handlers.set(name, handler);
    }
    if (this.#handlers.size > 0) return;
    throw new UmbelError(
      "handler_missing",
      "the worker has no handlers: export at least one handle(task, function) from one of its modules.",
    );
  }

  get(name: string): Handler | undefined {
    return this.#handlers.get(name);
  }

  get taskNames(): readonly string[] {
    return [...this.#handlers.keys()];
  }

  /** The queues that the tasks name. */
  get queues(): readonly string[] {
    return [...new Set([...this.#handlers.values()].map(({ task }) => task.queue))];
  }

  /** Whether any task executes on a thread: its runs may come from any queue, as their callers want. */
  get needsThreads(): boolean {
    return [...this.#handlers.values()].some(({ task }) => task.runsOn === "thread");
  }

  /** Whether any task of `queue` executes there; all tasks count for a queue that none names. */
  usesOf(queue: string, runsOn: "loop" | "thread"): boolean {
    const all = [...this.#handlers.values()];
    const own = all.filter(({ task }) => task.queue === queue);
    return (own.length === 0 ? all : own).some(({ task }) => task.runsOn === runsOn);
  }

  /** The name that `name` may be a misspelling of. */
  nearest(name: string): string | undefined {
    return nearestName(name, this.taskNames);
  }
}

/**
 * Every handler that the modules at `urls` export.
 *
 * @throws UmbelError `handler_missing` for a module that cannot be loaded or exports no handler.
 */
export async function loadHandlers(urls: readonly string[]): Promise<Handler[]> {
  const loaded = await Promise.all(urls.map(loadModule));
  return loaded.flat();
}

async function loadModule(url: string): Promise<Handler[]> {
  const exports = await importModule(url);
  const handlers = Object.values(exports).filter(isHandler);
  if (handlers.length > 0) return handlers;
  throw new UmbelError(
    "handler_missing",
    `module ${url} exports no handler: export what handle(task, function) returns.`,
    { details: { module: url, exports: Object.keys(exports) } },
  );
}

async function importModule(url: string): Promise<object> {
  try {
    const exports: unknown = await import(url);
    return typeof exports === "object" && exports !== null ? exports : {};
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UmbelError("handler_missing", `module ${url} cannot be loaded: ${reason}`, {
      cause,
      details: { module: url },
    });
  }
}

/** A module as the user names it, as a URL that `import()` takes: paths are resolved from the current folder. */
export function moduleUrl(module: URL | string): string {
  if (module instanceof URL) return module.href;
  return /^(?:file|data|node):/.test(module) ? module : pathToFileURL(module).href;
}

function duplicate(name: string): UmbelError {
  return new UmbelError(
    "duplicate_task",
    `two handlers handle the task "${name}": export one of them only, or give the tasks different names.`,
    { details: { task: name } },
  );
}
