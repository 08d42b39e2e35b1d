import { UmbelError } from "@umbel/protocol";
import { apiError } from "./translate-error.ts";

/** What the server stored. */
export interface Stored {
  /** The message's place in its stream. */
  readonly sequence: number;
}

/** What is read of the server's answer to a publish. */
interface PublishReply {
  readonly data: Uint8Array;
  readonly headers?: { readonly code: number };
}

const LETTER_S = 0x73;
const textDecoder = new TextDecoder();

/** The sequence that the server gave the message, or why it did not store it. */
export function readPublishReply(message: PublishReply): number | UmbelError {
  const data = message.data;
  // {"stream":… is success, {"error":… is not: the third byte tells, without parsing.
  if (data.length > 2 && data[2] === LETTER_S) return readSequence(data);
  if (data.length === 0) return noReply(message);
  return readFailure(textDecoder.decode(data));
}

const LETTER_Q = 0x71;
const QUOTE = 0x22;
const COLON = 0x3a;

// JSON.parse of the reply is a tenth of the cost of a publish; `"seq":` is written by the server alone.
function readSequence(data: Uint8Array): number {
  for (let index = 2; index < data.length - 2; index++) {
    if (data[index] === LETTER_Q && data[index + 1] === QUOTE && data[index + 2] === COLON) {
      return readDigits(data, index + 3);
    }
  }
  return 0;
}

function readDigits(data: Uint8Array, start: number): number {
  let sequence = 0;
  for (let index = start; index < data.length; index++) {
    const digit = (data[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    sequence = sequence * 10 + digit;
  }
  return sequence;
}

function noReply(message: PublishReply): UmbelError {
  const code = message.headers?.code ?? 0;
  return new UmbelError(
    "broker_unavailable",
    `publishing: nothing took the message (status ${code}): its stream does not exist, or has no leader right now.`,
    { details: { status: code } },
  );
}

function readFailure(text: string): UmbelError {
  const reply = parse(text);
  const error: unknown =
    typeof reply === "object" && reply !== null ? Reflect.get(reply, "error") : undefined;
  const fields: Partial<Record<string, unknown>> =
    typeof error === "object" && error !== null ? { ...error } : {};
  const description = typeof fields["description"] === "string" ? fields["description"] : text;
  return apiError(Number(fields["err_code"] ?? 0), description, { doing: "publishing" });
}

// Whoever listens to the subject may answer, and in any words.
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
