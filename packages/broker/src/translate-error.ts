import {
  AuthorizationError,
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
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
  clusterNoPeers: 10005,
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
  consumerExists: 10148,
  wrongLastSequenceBusy: 10164,
} as const;

const CODE_OF_API_ERROR: Readonly<Record<number, ErrorCode>> = {
  [API_ERROR.accountResourcesExceeded]: "storage_full",
  [API_ERROR.clusterNoPeers]: "broker_unavailable",
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
  // Another write to the subject is on its way, and may be lost with the leader that took it: nobody knows yet who
  // wins. Taken for a conflict, a repeat was taken for proof that its first try was stored.
  [API_ERROR.wrongLastSequenceBusy]: "broker_unavailable",
};

const ADVICE: Partial<Record<ErrorCode, string>> = {
  storage_full:
    "Free space or raise the JetStream limits of the account or server; what was stored before is safe, and this message was not stored.",
  not_provisioned: "Start a worker, or connect once with a user that may create streams.",
  jetstream_disabled:
    "Enable JetStream in the server's configuration (nats-server -js) and for this account.",
  config_conflict:
    "Another stream uses the same name or subjects: choose another mesh name, or remove that stream.",
  broker_unavailable:
    "Too few servers of the cluster are up right now: check that a majority is, and as many as a stream has copies.",
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
  const inner = whatHappened(error);
  if (inner instanceof JetStreamApiError) return apiError(inner.code, inner.message, { doing, cause: error });
  const code = codeOf(inner) ?? "broker_error";
  const denied =
    inner instanceof PermissionViolationError ? { operation: inner.operation, subject: inner.subject } : {};
  return new UmbelError(code, `${doing}: ${sentence(code, inner)}`, {
    cause: error,
    details: { doing, ...denied },
  });
}

/** Whether a request failed because nothing on the server listens to its subject. */
export function isUnheard(error: unknown): boolean {
  return whatHappened(error) instanceof NoRespondersError;
}

// The library wraps what really happened, once or twice: the innermost that is known.
function whatHappened(error: unknown): unknown {
  let known = error;
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof JetStreamApiError || codeOf(inner) !== undefined) known = inner;
  }
  return known;
}

function codeOf(error: unknown): ErrorCode | undefined {
  if (error instanceof PermissionViolationError || error instanceof AuthorizationError)
    return "permission_denied";
  if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError)
    return "connection_closed";
  if (error instanceof NoRespondersError) return "broker_unavailable";
  // A request without a better cause was cut off by a lost connection.
  if (error instanceof TimeoutError || error instanceof RequestError) return "broker_unavailable";
  if (error instanceof ConnectionError) return "cannot_connect";
  return undefined;
}

function sentence(code: ErrorCode, error: unknown): string {
  if (error instanceof PermissionViolationError) {
    return `this user may not ${error.operation === "publish" ? "publish to" : "subscribe to"} "${error.subject}". Grant it, or use a user that has the right.`;
  }
  if (error instanceof TimeoutError) return "the server did not answer in time.";
  if (error instanceof NoRespondersError) {
    return "nothing on the server answers: JetStream is off for this account, or the stream has no leader right now.";
  }
  if (error instanceof RequestError) return "the connection was lost before the server answered.";
  const words = error instanceof Error ? error.message : String(error);
  return code === "connection_closed" ? "the connection to the server is closed." : words;
}
