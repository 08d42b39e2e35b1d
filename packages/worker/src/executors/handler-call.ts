import { decode, encode, validate } from "@umbel/protocol";
import type { Handler } from "../handler.ts";
import type { TaskContext } from "../task-context.ts";

/** A handler, and whether what it returns is kept. */
export interface HandlerCall {
  readonly handler: Handler;
  readonly ignoreResult: boolean;
}

/**
 * Call a handler with the input that `body` holds: decode, check, execute, check, encode. The same on the loop
 * and on a thread. A result that is ignored is neither checked nor encoded.
 *
 * @throws whatever the handler throws; UmbelError `undecodable`, `schema_violation`, `not_encodable`.
 */
export async function callHandler(
  { handler, ignoreResult }: HandlerCall,
  body: Uint8Array,
  context: TaskContext,
): Promise<Uint8Array> {
  const { task } = handler;
  const input = decode(body, `input of ${task.name}`);
  const checked =
    task.inputSchema === undefined ? input : validate(task.inputSchema, input, `input of ${task.name}`);
  const returned = await handler.execute(checked instanceof Promise ? await checked : checked, context);
  if (ignoreResult) return NOTHING;
  const what = `result of ${task.name}`;
  const result =
    task.outputSchema === undefined ? returned : await validate(task.outputSchema, returned, what);
  return result === undefined ? NOTHING : encode(result, what);
}

/** The result of a handler that returns nothing: no bytes, which is no MessagePack value. */
const NOTHING = new Uint8Array();
