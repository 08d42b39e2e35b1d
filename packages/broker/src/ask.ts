import { TimeoutError } from "@nats-io/nats-core/internal";
import type { BrokerConnection } from "./connection.ts";
import { isUnheard, translateError } from "./translate-error.ts";

/** What came of a question to one process. */
export type Asked =
  | { readonly kind: "answered"; readonly body: Uint8Array }
  /** Nothing listens on the subject. */
  | { readonly kind: "unheard" }
  /** Something listens and does not answer: it is busy, stands still, or its connection has not been missed yet. */
  | { readonly kind: "silent" };

/** Ask whoever listens on `subject`, and wait no longer than `timeoutMs`. @throws UmbelError `permission_denied`, … */
export async function ask(
  connection: BrokerConnection,
  subject: string,
  { body, timeoutMs }: { readonly body: Uint8Array; readonly timeoutMs: number },
): Promise<Asked> {
  try {
    const { data } = await connection.nats.request(subject, body, { timeout: timeoutMs });
    return { kind: "answered", body: data };
  } catch (error) {
    if (isUnheard(error)) return { kind: "unheard" };
    if (isTimeout(error)) return { kind: "silent" };
    throw translateError(error, `asking on "${subject}"`);
  }
}

function isTimeout(error: unknown): boolean {
  if (error instanceof TimeoutError) return true;
  return error instanceof Error && error.cause instanceof TimeoutError;
}
