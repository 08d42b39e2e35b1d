import { randomUUID } from "node:crypto";
import {
  anywhereSubject,
  auditSubject,
  consumerName,
  controlSubject,
  deadLetterSubject,
  eventSubject,
  eventSubjects,
  leasesBucket,
  lockSubject,
  queueConfigNotice,
  queueConfigSubject,
  readyFilter,
  recordSubject,
  resultsBucket,
  runSubject,
  scheduleSubject,
  shardNotices,
  shardOf,
  workerRequestSubject,
  workersBucket,
  workerSubject,
} from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import type { Right } from "./probe-rights.ts";

/** A message or a subscription that shows whether a user has a right, and does nothing. */
export interface RightProbe extends Omit<Right, "allowed"> {
  /** The subject of the message or subscription: one of those that `subject` matches. */
  readonly probed: string;
  readonly body: string;
  /** Whether it would be stored, so that it must be made unacceptable to the stream. */
  readonly stored: boolean;
}

const TASK = "umbel-doctor";
// It begins as JSON, which the server then cannot read. An empty request would be a valid one.
const UNREADABLE = '{"probe"';

/** A probe for each right that a client, a worker or an operator of `queue` needs. Pure but for fresh run ids. */
export function rightProbes(connection: BrokerConnection, queue: string): readonly RightProbe[] {
  return [
    ...clientProbes(connection, queue),
    ...lockProbes(connection),
    ...keyProbes(connection, queue),
    ...workerProbes(connection, queue),
    ...presenceProbes(connection),
    ...scheduleProbes(connection),
    ...operatorProbes(connection),
  ];
}

type Where = Pick<BrokerConnection, "mesh" | "streams">;
const CLIENT = { role: "client", operation: "publish", body: UNREADABLE, stored: false } as const;

function clientProbes({ mesh, streams }: Where, queue: string): readonly RightProbe[] {
  const runId = randomUUID();
  const run = { queue, task: TASK, runId };
  const direct = `$JS.API.DIRECT.GET.${streams.results}`;
  return [
    {
      ...CLIENT,
      stored: true,
      purpose: `enqueue into "${queue}"`,
      probed: runSubject(mesh, { kind: "ready", priority: "normal", ...run }),
      subject: `${mesh}.T.${queue}.>`,
    },
    {
      ...CLIENT,
      stored: true,
      purpose: "enqueue with a delay",
      probed: runSubject(mesh, { kind: "delayed", ...run }),
      subject: `${mesh}.S.${queue}.>`,
    },
    {
      ...CLIENT,
      stored: true,
      purpose: "tell events",
      probed: eventSubject(mesh, { role: "client", id: TASK }),
      subject: `${mesh}.E.client.*`,
    },
    {
      ...CLIENT,
      operation: "subscribe",
      purpose: "await results",
      probed: shardNotices(mesh, shardOf(runId)),
      subject: `${mesh}.N.>`,
    },
    {
      ...CLIENT,
      purpose: "read results",
      probed: `${direct}.${recordSubject(mesh, runId)}`,
      subject: `${direct}.>`,
    },
    ...[streams.results, streams.tasks].map((stream) => ({
      ...CLIENT,
      purpose: "ask for states",
      probed: `$JS.API.STREAM.MSG.GET.${stream}`,
      subject: `$JS.API.STREAM.MSG.GET.${stream}`,
    })),
  ];
}

// For clients, and for workers, which release what they end.
function lockProbes({ mesh, streams }: Where): readonly RightProbe[] {
  const purpose = "enqueue unique runs";
  const read = `$JS.API.STREAM.MSG.GET.${streams.leases}`;
  return [
    {
      ...CLIENT,
      stored: true,
      purpose,
      probed: lockSubject(mesh, randomUUID()),
      subject: `$KV.${leasesBucket(mesh)}.>`,
    },
    { ...CLIENT, purpose, probed: read, subject: read },
  ];
}

function keyProbes({ mesh, streams }: Where, queue: string): readonly RightProbe[] {
  const runId = randomUUID();
  return [
    {
      ...CLIENT,
      stored: true,
      purpose: `enqueue with a key into "${queue}"`,
      probed: runSubject(mesh, { kind: "keyed", queue, lane: 0, key: TASK, runId }),
      subject: `${mesh}.K.${queue}.>`,
    },
    {
      ...CLIENT,
      operation: "subscribe",
      purpose: "hear what is decided about queues",
      probed: queueConfigNotice(mesh, queue),
      subject: `${mesh}.C.>`,
    },
    {
      ...CLIENT,
      purpose: "ask what is decided about queues",
      probed: `$JS.API.STREAM.MSG.GET.${streams.config}`,
      subject: `$JS.API.STREAM.MSG.GET.${streams.config}`,
    },
  ];
}

const WORKER = { ...CLIENT, role: "worker" } as const;

function workerProbes({ mesh, streams: { tasks } }: Where, queue: string): readonly RightProbe[] {
  const runId = randomUUID();
  const consumer = consumerName(queue, "normal");
  return [
    {
      ...WORKER,
      purpose: `pull from "${queue}"`,
      probed: `$JS.API.CONSUMER.MSG.NEXT.${tasks}.${consumer}`,
      subject: `$JS.API.CONSUMER.MSG.NEXT.${tasks}.*`,
    },
    {
      ...WORKER,
      purpose: "make its consumers",
      probed: `$JS.API.CONSUMER.CREATE.${tasks}.${consumer}.${readyFilter(mesh, queue, "normal")}`,
      subject: `$JS.API.CONSUMER.CREATE.${tasks}.>`,
    },
    {
      ...WORKER,
      purpose: "acknowledge runs",
      // Of a consumer that does not exist: of any other, it could be a run's.
      probed: `$JS.ACK.${tasks}.${TASK}.1.1.1.1.1`,
      subject: `$JS.ACK.${tasks}.>`,
    },
    {
      ...WORKER,
      stored: true,
      purpose: "store outcomes",
      probed: recordSubject(mesh, runId),
      subject: `$KV.${resultsBucket(mesh)}.>`,
    },
    {
      ...WORKER,
      stored: true,
      purpose: "write dead letters",
      probed: deadLetterSubject(mesh, queue, { task: TASK, runId }),
      subject: `${mesh}.D.>`,
    },
    {
      ...WORKER,
      operation: "subscribe",
      purpose: "hear of cancels",
      probed: controlSubject(mesh, "cancel"),
      subject: `${mesh}.ctl.all.*`,
    },
  ];
}

// What a worker tells and is told: without it runs go on, and nobody can look on.
function presenceProbes({ mesh }: Where): readonly RightProbe[] {
  return [
    {
      ...WORKER,
      stored: true,
      purpose: "tell events",
      probed: eventSubject(mesh, { role: "worker", id: TASK }),
      subject: `${mesh}.E.worker.*`,
    },
    {
      ...WORKER,
      stored: true,
      purpose: "tell of itself",
      probed: workerSubject(mesh, TASK),
      subject: `$KV.${workersBucket(mesh)}.*`,
    },
    {
      ...WORKER,
      operation: "subscribe",
      purpose: "hear operators",
      probed: workerRequestSubject(mesh, TASK, "control"),
      subject: `${mesh}.ctl.worker.*.*`,
    },
  ];
}

function scheduleProbes({ mesh, streams: { config } }: Where): readonly RightProbe[] {
  const read = `$JS.API.DIRECT.GET.${config}`;
  return [
    {
      ...WORKER,
      stored: true,
      purpose: "fire schedules",
      probed: scheduleSubject(mesh, TASK),
      subject: scheduleSubject(mesh, "*"),
    },
    { ...CLIENT, purpose: "list schedules", probed: read, subject: read },
  ];
}

const OPERATOR = { ...CLIENT, role: "operator" } as const;

function operatorProbes({ mesh, streams }: Where): readonly RightProbe[] {
  const { tasks, deadLetters, events, workers, audit } = streams;
  const cancel = controlSubject(mesh, "cancel");
  const request = (purpose: string, subject: string): RightProbe => ({
    ...OPERATOR,
    purpose,
    probed: subject,
    subject,
  });
  return [
    request("make streams", `$JS.API.STREAM.CREATE.${tasks}`),
    request("change streams", `$JS.API.STREAM.UPDATE.${tasks}`),
    request("look at consumers", `$JS.API.CONSUMER.LIST.${tasks}`),
    {
      ...request("cancel runs", `$JS.API.STREAM.PURGE.${tasks}`),
      // Readable, unlike the others: nothing matches, so even a server that obeys removes nothing.
      body: JSON.stringify({ filter: anywhereSubject(mesh, randomUUID()) }),
    },
    { ...request("tell workers of a cancel", cancel), body: "", subject: `${mesh}.ctl.>` },
    {
      ...request("control workers", workerRequestSubject(mesh, randomUUID(), "control")),
      subject: `${mesh}.ctl.>`,
    },
    {
      ...request("record what it does", auditSubject(mesh, TASK)),
      stored: true,
      subject: `${mesh}.A.*`,
    },
    request("list runs", `$JS.API.DIRECT.GET.${tasks}`),
    request("list dead letters", `$JS.API.DIRECT.GET.${deadLetters}`),
    request("discard dead letters", `$JS.API.STREAM.MSG.DELETE.${deadLetters}`),
    request("list workers", `$JS.API.DIRECT.GET.${workers}`),
    request("read events", `$JS.API.DIRECT.GET.${events}`),
    {
      ...OPERATOR,
      operation: "subscribe",
      purpose: "read events",
      probed: eventSubject(mesh, { role: "client", id: TASK }),
      subject: eventSubjects(mesh),
    },
    request("read what operators did", `$JS.API.DIRECT.GET.${audit}`),
    {
      ...request("pause queues", queueConfigSubject(mesh, TASK)),
      stored: true,
      subject: queueConfigSubject(mesh, "*"),
    },
  ];
}
