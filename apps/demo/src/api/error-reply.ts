import { UmbelError, type ErrorCode } from "@umbel/protocol";
import { z } from "zod";

/** What the API answers when something went wrong. */
export interface ErrorReply {
  readonly status: number;
  readonly body: { readonly error: { readonly code: string; readonly message: string } };
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid_argument: 400,
  schema_violation: 400,
  payload_too_large: 413,
  run_unknown: 404,
  storage_full: 507,
  unconfirmed: 504,
};

/** What to answer to `error`: never a stack trace. Pure. */
export function errorReply(error: unknown): ErrorReply {
  if (error instanceof z.ZodError) return reply(400, "invalid_argument", z.prettifyError(error));
  if (error instanceof UmbelError) {
    return reply(STATUS[error.code] ?? (error.retryable ? 503 : 500), error.code, error.message);
  }
  const status = statusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return reply(status, status < 500 ? "invalid_argument" : "internal", message);
}

// What Fastify refuses by itself, such as a body that is no JSON.
function statusOf(error: unknown): number {
  const status: unknown = error instanceof Error ? Reflect.get(error, "statusCode") : undefined;
  return typeof status === "number" ? status : 500;
}

function reply(status: number, code: string, message: string): ErrorReply {
  return { status, body: { error: { code, message } } };
}
