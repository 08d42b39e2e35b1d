import { JetStreamApiError } from "@nats-io/jetstream";
import { NoRespondersError } from "@nats-io/nats-core/internal";
import { API_ERROR } from "./translate-error.ts";

const STATUS_NOT_FOUND = 404;

/** Whether reading failed because there is no such message. */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError) || error instanceof NoRespondersError) return false;
  return error.code === API_ERROR.messageNotFound || error.status === STATUS_NOT_FOUND;
}
