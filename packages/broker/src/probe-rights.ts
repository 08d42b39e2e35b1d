import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  anywhereSubject,
  consumerSpecs,
  controlSubject,
  deadLetterSubject,
  recordSubject,
  runSubject,
  shardNotices,
  shardOf,
  DEFAULT_ACK_WAIT_MS,
} from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { encodeHeaders } from "./encoded-headers.ts";

/** Something that a user may or may not do. */
export interface Right {
  /** Who needs it. */
  readonly role: "client" | "worker";
  /** What it is for, as the end of "this user may …". */
  readonly purpose: string;
  readonly allowed: boolean;
  /** What must be allowed: a subject. */
  readonly subject: string;
  readonly operation: "publish" | "subscribe";
}

interface Probe extends Omit<Right, "allowed"> {
  readonly body: string;
  readonly stored: boolean;
}

/**
 * Find out what this connection's user may do, without doing it: every message that is sent here is refused,
 * ignored or without effect where it arrives, and only whether the server lets it through is looked at.
 *
 * @throws UmbelError when the connection is lost meanwhile.
 */
export async function probeRights(connection: BrokerConnection, queue: string): Promise<readonly Right[]> {
  const probes = probesFor(connection, queue);
  const denied = new Set<unknown>();
  const stopListening = connection.onEvent((event) => {
    if (event.type === "refused") denied.add(event.error.details["subject"]);
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
  return probes.map(({ role, purpose, subject, operation }) => ({
    role,
    purpose,
    subject,
    operation,
    allowed: !denied.has(subject),
  }));
}

// A message for this stream only: the stream that it reaches has another name, and refuses it.
const NOWHERE = encodeHeaders([["Nats-Expected-Stream", "none-this-is-a-probe"]]);
// It begins as JSON, which the server then cannot read. An empty request would be a valid one.
const UNREADABLE = '{"probe"';

function send(connection: BrokerConnection, probe: Probe): () => void {
  const { subject, operation, body, stored } = probe;
  if (operation === "subscribe") return connection.subscribe(subject, () => undefined);
  connection.nats.publish(subject, body, stored ? { headers: NOWHERE } : {});
  return () => undefined;
}

function probesFor(connection: BrokerConnection, queue: string): readonly Probe[] {
  return [...clientProbes(connection, queue), ...workerProbes(connection, queue)];
}

function clientProbes({ mesh, streams }: BrokerConnection, queue: string): readonly Probe[] {
  const runId = randomUUID();
  const run = { queue, task: "umbel-doctor", runId };
  const client = { role: "client", operation: "publish", body: "", stored: false } as const;
  const stored = { ...client, stored: true };
  return [
    {
      ...stored,
      purpose: `enqueue into "${queue}"`,
      subject: runSubject(mesh, { kind: "ready", priority: "normal", ...run }),
    },
    {
      ...stored,
      purpose: `enqueue with a delay into "${queue}"`,
      subject: runSubject(mesh, { kind: "delayed", ...run }),
    },
    {
      ...client,
      purpose: "hear of results",
      operation: "subscribe",
      subject: shardNotices(mesh, shardOf(runId)),
    },
    {
      ...client,
      purpose: "read results",
      subject: `$JS.API.STREAM.MSG.GET.${streams.results}`,
      body: UNREADABLE,
    },
    {
      ...client,
      purpose: "wait for results",
      subject: `$JS.API.DIRECT.GET.${streams.results}.${recordSubject(mesh, runId)}`,
    },
    {
      ...client,
      purpose: "cancel runs",
      subject: `$JS.API.STREAM.PURGE.${streams.tasks}`,
      // Readable, unlike the others: nothing matches, so even a server that obeys purges nothing.
      body: JSON.stringify({ filter: anywhereSubject(mesh, runId) }),
    },
    { ...client, purpose: "tell workers of a cancel", subject: controlSubject(mesh, "cancel") },
  ];
}

function workerProbes({ mesh, streams }: BrokerConnection, queue: string): readonly Probe[] {
  const runId = randomUUID();
  const [consumer] = consumerSpecs(mesh, queue, DEFAULT_ACK_WAIT_MS);
  const { name = "", filter = "" } = consumer ?? {};
  const worker = { role: "worker", operation: "publish", body: UNREADABLE, stored: false } as const;
  const stored = { ...worker, stored: true };
  return [
    {
      ...worker,
      purpose: `pull from "${queue}"`,
      subject: `$JS.API.CONSUMER.MSG.NEXT.${streams.tasks}.${name}`,
    },
    {
      ...worker,
      purpose: `create the consumers of "${queue}"`,
      subject: `$JS.API.CONSUMER.CREATE.${streams.tasks}.${name}.${filter}`,
    },
    { ...stored, purpose: "store outcomes", subject: recordSubject(mesh, runId) },
    {
      ...stored,
      purpose: "write dead letters",
      subject: deadLetterSubject(mesh, queue, { task: "umbel-doctor", runId }),
    },
    // Of a consumer that does not exist: any other could be a run's.
    { ...worker, purpose: "acknowledge runs", subject: `$JS.ACK.${streams.tasks}.umbel-doctor.1.1.1.1.1` },
    {
      ...worker,
      purpose: "hear of cancels",
      operation: "subscribe",
      subject: controlSubject(mesh, "cancel"),
    },
  ];
}
