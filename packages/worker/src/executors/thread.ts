// The file that every thread of a worker executes.
import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { serializeError, UmbelError } from "@umbel/protocol";
import { runInTrace } from "@umbel/telemetry";
import type { Handler } from "../handler.ts";
import { HandlerRegistry, loadHandlers } from "../handler-registry.ts";
import { resultAfterAbort } from "./executor.ts";
import { callHandler } from "./handler-call.ts";
import { ThreadContext } from "./thread-context.ts";
import type { ThreadResult, ThreadSetup, ThreadTask } from "./thread-messages.ts";

const registry = loadHandlers(readSetup(workerData).modules).then(
  (handlers) => new HandlerRegistry(handlers),
);
// A module that cannot be loaded is reported by the first attempt, not by the death of the thread.
registry.catch(() => undefined);

/** Load the modules. Resolves when they are, or cannot be. */
export async function load(): Promise<void> {
  await registry.catch(() => undefined);
}

/** Execute one attempt. Never rejects. */
export async function execute({ fields, body, trace, port }: ThreadTask): Promise<object> {
  const context = new ThreadContext(fields, port);
  try {
    const handler = await findHandler(fields.task);
    const call = { handler, ignoreResult: fields.ignoreResult };
    const result = await runInTrace(trace, () => callHandler(call, body, context));
    return moved(result);
  } catch (error) {
    return resultAfterAbort(context.control, error) satisfies ThreadResult;
  } finally {
    port.close();
  }
}

async function findHandler(task: string): Promise<Handler> {
  const handler = (await registry).get(task);
  if (handler !== undefined) return handler;
  throw new UmbelError(
    "handler_missing",
    `no module of this worker exports a handler of ${task} to its threads.`,
    {
      details: { task },
    },
  );
}

// The bytes change hands instead of being copied: the pool looks for these two symbols.
function moved(result: Uint8Array): object {
  const bytes = new Uint8Array(result);
  const value: ThreadResult = { kind: "returned", result: bytes };
  return move(
    Object.assign(Object.create(null), { [transferableSymbol]: bytes.buffer, [valueSymbol]: value }),
  );
}

function readSetup(data: unknown): ThreadSetup {
  const modules: unknown =
    typeof data === "object" && data !== null ? Reflect.get(data, "modules") : undefined;
  if (Array.isArray(modules)) return { modules: modules.map(String) };
  throw new UmbelError(
    "internal",
    `a thread was started without modules: ${JSON.stringify(serializeError(data))}`,
  );
}
