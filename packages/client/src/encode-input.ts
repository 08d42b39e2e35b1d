import { encode, UmbelError } from "@umbel/protocol";

/** Room in the largest message for a run's headers, and for what its dead letter says besides the input. */
const HEADER_ALLOWANCE_BYTES = 49_152;

/** `input` as the body of a run. @throws UmbelError `not_encodable`, `payload_too_large` */
export function encodeInput(task: string, input: unknown, maxPayloadBytes: number): Uint8Array {
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
