import { setImmediate as nextTurn } from "node:timers/promises";
import type { BrokerConnection } from "./connection.ts";
import { encodeHeaders } from "./encoded-headers.ts";
import { rightProbes, type RightProbe } from "./right-probes.ts";

/** Something that a user may or may not do. */
export interface Right {
  /** Who needs it. */
  readonly role: "client" | "worker" | "operator";
  /** What it is for, as the end of "this user may …". */
  readonly purpose: string;
  readonly operation: "publish" | "subscribe";
  /** What the user's permissions must allow: a subject, with wildcards. */
  readonly subject: string;
  readonly allowed: boolean;
}

/**
 * Find out what this connection's user may do, without doing it: every message that is sent here is refused,
 * ignored or without effect where it arrives, and only whether the server lets it through is looked at.
 *
 * @param queue whose runs it is about.
 * @throws UmbelError when the connection is lost meanwhile.
 */
export async function probeRights(connection: BrokerConnection, queue: string): Promise<readonly Right[]> {
  const probes = rightProbes(connection, queue);
  const denied = new Set<string>();
  const stopListening = connection.onEvent((event) => {
    if (event.type !== "refused") return;
    const { operation, subject } = event.error.details;
    denied.add(`${String(operation)} ${String(subject)}`);
  });
  const unsubscribe = probes.map((probe) => send(connection, probe));
  try {
    // The server answers in order: once it has answered this, it has refused whatever it refuses.
    await connection.flush();
    await nextTurn();
  } finally {
    stopListening();
    for (const stop of unsubscribe) stop();
  }
  return probes.map(({ role, purpose, operation, probed, subject }) => {
    const word = operation === "subscribe" ? "subscription" : operation;
    return { role, purpose, operation, subject, allowed: !denied.has(`${word} ${probed}`) };
  });
}

// A message for one stream only: the stream that it reaches has another name, and refuses it.
const NOWHERE = encodeHeaders([["Nats-Expected-Stream", "none-this-is-a-probe"]]);

function send(connection: BrokerConnection, { operation, probed, body, stored }: RightProbe): () => void {
  if (operation === "subscribe") return connection.subscribe(probed, () => undefined);
  connection.nats.publish(probed, body, stored ? { headers: NOWHERE } : {});
  return () => undefined;
}
