import { encode, UmbelError, validate, type AnyTask } from "@umbel/protocol";

/** What of a task its input is encoded by. */
export type InputTask = Pick<AnyTask, "name" | "inputSchema">;

/** Room in the largest message for a run's headers, and for what its dead letter says besides the input. */
export const HEADER_ALLOWANCE_BYTES = 49_152;

/**
 * `input` as a run's body, checked by the task's schema if it has one.
 *
 * @throws UmbelError `schema_violation`, `not_encodable`, `payload_too_large`.
 */
export function encodeInput(
  task: InputTask,
  input: unknown,
  maxPayloadBytes: number,
): Uint8Array | Promise<Uint8Array> {
  const checked = checkInput(task, input);
  if (checked instanceof Promise)
    return checked.then(() => encodeUnchecked(task.name, input, maxPayloadBytes));
  return encodeUnchecked(task.name, input, maxPayloadBytes);
}

function checkInput(task: InputTask, input: unknown): unknown {
  return task.inputSchema === undefined
    ? undefined
    : validate(task.inputSchema, input, `input of ${task.name}`);
}

/** `input` as a run's body, whatever its task's schema says. @throws UmbelError `not_encodable`, `payload_too_large` */
export function encodeUnchecked(task: string, input: unknown, maxPayloadBytes: number): Uint8Array {
  const body = encode(input, `input of ${task}`);
  const limit = maxPayloadBytes - HEADER_ALLOWANCE_BYTES;
  if (body.byteLength <= limit) return body;
  throw new UmbelError(
    "payload_too_large",
    `input of ${task} is ${body.byteLength} bytes; the server takes at most ${limit}. ` +
      "Store it elsewhere and enqueue where it is, or raise the server's max_payload.",
    { details: { field: "input", bytes: body.byteLength, limit } },
  );
}
