import { LEAST_API_LEVEL, LEAST_SERVER_VERSION, type ServerFacts } from "@umbel/broker";
import { formatBytes } from "../output/bytes.ts";
import { checker, type Check } from "./check.ts";

/** The server itself. One that is too old, or has no JetStream, has refused the connection before. Pure. */
export function checkServer({ name, version, cluster, apiLevel }: ServerFacts): Check {
  const { ok, fail } = checker("server");
  const needed = `needed: ${LEAST_SERVER_VERSION}, level ${LEAST_API_LEVEL}`;
  const found = `nats-server ${version}, JetStream API level ${apiLevel} (${needed})`;
  if (apiLevel < LEAST_API_LEVEL) return fail(found, "Upgrade the server.");
  return ok(cluster === undefined ? found : `${found}, ${name} of cluster ${cluster}`);
}

const SMALL_PAYLOAD_BYTES = 262_144;

/** How large inputs and results may be. Pure. */
export function checkPayload({ maxPayloadBytes }: ServerFacts): Check {
  const { ok, warn } = checker("payload");
  const message = `inputs and results of up to ${formatBytes(maxPayloadBytes)} (max_payload)`;
  return maxPayloadBytes >= SMALL_PAYLOAD_BYTES
    ? ok(message)
    : warn(message, "Set max_payload in the server's configuration to 1MB or more.");
}

const ALMOST_FULL = 0.8;

/** How much room the account has. Pure. */
export function checkStorage({ storedBytes, storageLimitBytes }: ServerFacts): Check {
  const { ok, warn } = checker("storage");
  const stored = `${formatBytes(storedBytes)} stored`;
  if (storageLimitBytes === undefined) return ok(`${stored}, the account has no limit of its own`);
  const share = storedBytes / storageLimitBytes;
  const message = `${stored}, ${Math.round(share * 100)} % of the account's ${formatBytes(storageLimitBytes)}`;
  if (share < ALMOST_FULL) return ok(message);
  return warn(message, "Raise the account's max_storage: once it is full, nothing can be enqueued.");
}
