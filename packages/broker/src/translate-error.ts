import {
  AuthorizationError,
  ClosedConnectionError,
  ConnectionError,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
  TimeoutError,
} from "@nats-io/nats-core/internal";
import { JetStreamApiError } from "@nats-io/jetstream";
import { UmbelError, type ErrorCode } from "@umbel/protocol";

/** The numbers of the server's API errors that Umbel acts on: https://github.com/nats-io/nats-server/blob/main/server/errors.json */
export const API_ERROR = {
  accountResourcesExceeded: 10002,
  clusterNotActive: 10006,
  clusterNotAvailable: 10008,
  clusterNotLeader: 10009,
  consumerNotFound: 10014,
  insufficientResources: 10023,
  memoryResourcesExceeded: 10028,
  messageNotFound: 10037,
  notEnabledForAccount: 10039,
  storageResourcesExceeded: 10047,
  messageExceedsMaximum: 10054,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  subjectsOverlap: 10065,
  wrongLastSequence: 10071,
  notEnabled: 10076,
  storeFailed: 10077,
  wrongLastSequenceBusy: 10164,
} as const;

const CODE_OF_API_ERROR: Readonly<Record<number, ErrorCode>> = {
  [API_ERROR.accountResourcesExceeded]: "storage_full",
  [API_ERROR.clusterNotActive]: "broker_unavailable",
  [API_ERROR.clusterNotAvailable]: "broker_unavailable",
  [API_ERROR.clusterNotLeader]: "broker_unavailable",
  [API_ERROR.consumerNotFound]: "not_provisioned",
  [API_ERROR.insufficientResources]: "storage_full",
  [API_ERROR.memoryResourcesExceeded]: "storage_full",
  [API_ERROR.notEnabledForAccount]: "jetstream_disabled",
  [API_ERROR.storageResourcesExceeded]: "storage_full",
  [API_ERROR.messageExceedsMaximum]: "payload_too_large",
  [API_ERROR.streamNameInUse]: "config_conflict",
  [API_ERROR.streamNotFound]: "not_provisioned",
  [API_ERROR.subjectsOverlap]: "config_conflict",
  [API_ERROR.wrongLastSequence]: "conflict",
  [API_ERROR.notEnabled]: "jetstream_disabled",
  [API_ERROR.storeFailed]: "storage_full",
  [API_ERROR.wrongLastSequenceBusy]: "conflict",
};

const ADVICE: Partial<Record<ErrorCode, string>> = {
  storage_full:
    "Free space or raise the JetStream limits of the account or server; what was stored before is safe, and this message was not stored.",
  not_provisioned: "Start a worker, or connect once with a user that may create streams.",
  jetstream_disabled:
    "Enable JetStream in the server's configuration (nats-server -js) and for this account.",
  config_conflict:
    "Another stream uses the same name or subjects: choose another mesh name, or remove that stream.",
  broker_unavailable: "The stream has no leader right now: check that a majority of the servers is up.",
};

/** The error that an API error number of the server means, with the server's own words. */
export function apiError(
  apiCode: number,
  description: string,
  options: { doing: string; cause?: unknown },
): UmbelError {
  const code = CODE_OF_API_ERROR[apiCode] ?? "broker_error";
  const advice = ADVICE[code];
  const message = `${options.doing}: the server answered "${description}" (${apiCode}).${advice === undefined ? "" : ` ${advice}`}`;
  return new UmbelError(code, message, {
    cause: options.cause,
    details: { apiCode, description, doing: options.doing },
  });
}

/** Any error of the NATS library as an {@link UmbelError}: by class and number, never by its words. */
export function translateError(error: unknown, doing: string): UmbelError {
  if (error instanceof UmbelError) return error;
  if (error instanceof JetStreamApiError) return apiError(error.code, error.message, { doing, cause: error });
  // The library wraps what really happened.
  const inner = error instanceof RequestError && error.cause !== undefined ? error.cause : error;
  const code = codeOf(inner);
  const denied =
    inner instanceof PermissionViolationError ? { operation: inner.operation, subject: inner.subject } : {};
  return new UmbelError(code, `${doing}: ${sentence(code, inner)}`, {
    cause: error,
    details: { doing, ...denied },
  });
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof PermissionViolationError || error instanceof AuthorizationError)
    return "permission_denied";
  if (error instanceof ClosedConnectionError) return "connection_closed";
  if (error instanceof NoRespondersError) return "broker_unavailable";
  if (error instanceof TimeoutError) return "broker_unavailable";
  if (error instanceof ConnectionError) return "cannot_connect";
  return "broker_error";
}

function sentence(code: ErrorCode, error: unknown): string {
  if (error instanceof PermissionViolationError) {
    return `this user may not ${error.operation === "publish" ? "publish to" : "subscribe to"} "${error.subject}". Grant it, or use a user that has the right.`;
  }
  if (error instanceof TimeoutError) return "the server did not answer in time.";
  if (error instanceof NoRespondersError) {
    return "nothing on the server answers: JetStream is off for this account, or the stream has no leader right now.";
  }
  const words = error instanceof Error ? error.message : String(error);
  return code === "connection_closed" ? "the connection to the server is closed." : words;
}
