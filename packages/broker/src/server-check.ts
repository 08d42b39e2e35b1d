import type { JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { UmbelError } from "@umbel/protocol";
import { isUnheard, translateError } from "./translate-error.ts";

/** The oldest server with all that Umbel relies on: schedules with time zones, message TTLs, atomic batches. */
export const LEAST_SERVER_VERSION = "2.14.5";
/** The JetStream API level of that server. */
export const LEAST_API_LEVEL = 4;
/** What a message must be able to hold: below this, no result of a useful size could be stored. */
export const LEAST_MAX_PAYLOAD_BYTES = 262_144;

/**
 * Refuse a server that would store a delayed run and never start it: older ones ignore what they do not know.
 *
 * @throws UmbelError `unsupported_server`, `jetstream_disabled`, or `broker_unavailable` when no server of a
 * cluster leads it.
 */
export async function checkServer(nats: NatsConnection, manager: JetStreamManager): Promise<void> {
  const version = nats.info?.version ?? "unknown";
  if (!isAtLeast(version, LEAST_SERVER_VERSION)) throw unsupported(`version ${version}`);
  const level = await apiLevel(manager);
  if (level < LEAST_API_LEVEL) throw unsupported(`version ${version} with JetStream API level ${level}`);
  checkPayload(nats.info?.max_payload);
}

function checkPayload(bytes: number | undefined): void {
  if (bytes === undefined || bytes >= LEAST_MAX_PAYLOAD_BYTES) return;
  throw new UmbelError(
    "unsupported_server",
    `the server takes messages of at most ${bytes} bytes (max_payload); Umbel needs ${LEAST_MAX_PAYLOAD_BYTES}. ` +
      "Raise max_payload in the server's configuration; its own default is 1 MB.",
    { details: { field: "max_payload", found: bytes, needed: LEAST_MAX_PAYLOAD_BYTES } },
  );
}

async function apiLevel(manager: JetStreamManager): Promise<number> {
  try {
    const info: object = await manager.getAccountInfo();
    const api: unknown = Reflect.get(info, "api");
    const level: unknown = typeof api === "object" && api !== null ? Reflect.get(api, "level") : undefined;
    return typeof level === "number" ? level : 0;
  } catch (error) {
    // No answer at all may be a cluster without a leader, which passes.
    if (!isUnheard(error)) throw translateError(error, "asking the server about JetStream");
    const message =
      "JetStream does not answer: it is off on this server or account, or this user may not ask. " +
      'Enable it (nats-server -js) and allow publishing to "$JS.API.INFO".';
    throw new UmbelError("jetstream_disabled", message, { cause: error });
  }
}

function unsupported(found: string): UmbelError {
  const message = `the server is ${found}; Umbel needs nats-server ${LEAST_SERVER_VERSION} or newer (API level ${LEAST_API_LEVEL}).`;
  return new UmbelError(
    "unsupported_server",
    `${message} Upgrade it, or let "umbel server" fetch a newer one.`,
    {
      details: { found, needed: LEAST_SERVER_VERSION },
    },
  );
}

/** Whether dotted `version` is `least` or newer; a pre-release counts as its release. */
export function isAtLeast(version: string, least: string): boolean {
  const found = numbers(version);
  const wanted = numbers(least);
  for (let index = 0; index < wanted.length; index++) {
    const difference = (found[index] ?? 0) - (wanted[index] ?? 0);
    if (Number.isNaN(difference)) return false;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] {
  return (version.split("-")[0] ?? "").split(".").map(Number);
}
