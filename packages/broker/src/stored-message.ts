import { JetStreamApiError } from "@nats-io/jetstream";
import { API_ERROR } from "./translate-error.ts";

/** Whether reading failed because there is no such message. That there is no such stream is another matter. */
export function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === API_ERROR.messageNotFound;
}
