import { JetStreamApiError } from "@nats-io/jetstream";
import { JetStreamStatusError } from "@nats-io/jetstream/internal";
import { API_ERROR } from "./translate-error.ts";

const NOT_FOUND = 404;

/** Whether reading failed because there is no such message. That there is no such stream is another matter. */
export function isMissing(error: unknown): boolean {
  if (error instanceof JetStreamStatusError) return error.code === NOT_FOUND;
  return error instanceof JetStreamApiError && error.code === API_ERROR.messageNotFound;
}
