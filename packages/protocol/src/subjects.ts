import { decodeToken, encodeToken, isMeshName, isQueueName, isRunId } from "./names.ts";
import { priorityOfToken, priorityToken, type Priority } from "./priority.ts";
import { shardOf } from "./run-id.ts";

/** Where a run that may start now waits. */
export interface ReadyAddress {
  readonly kind: "ready";
  readonly queue: string;
  readonly priority: Priority;
  readonly task: string;
  readonly runId: string;
}

/** Where a run that is not due yet waits: `delayed` by its caller, or `retrying`. */
export interface ScheduledAddress {
  readonly kind: "delayed" | "retrying";
  readonly queue: string;
  readonly task: string;
  readonly runId: string;
}

/** Where a keyed run that may start now waits for those of its lane before it. */
export interface KeyedAddress {
  readonly kind: "keyed";
  readonly queue: string;
  readonly lane: number;
  readonly key: string;
  readonly runId: string;
}

/** What the subject of a message in the tasks stream says. */
export type RunAddress = ReadyAddress | KeyedAddress | ScheduledAddress;

const SCHEDULE_TOKENS = { delayed: "d", retrying: "r" } as const;

/** The subject of `address` in `mesh`. Every subject of the tasks stream has six tokens. */
export function runSubject(mesh: string, address: RunAddress): string {
  if (address.kind === "keyed") {
    return `${mesh}.K.${address.queue}.${address.lane}.${encodeToken(address.key)}.${address.runId}`;
  }
  const task = encodeToken(address.task);
  if (address.kind === "ready") {
    return `${mesh}.T.${address.queue}.${priorityToken(address.priority)}.${task}.${address.runId}`;
  }
  return `${mesh}.S.${address.queue}.${SCHEDULE_TOKENS[address.kind]}.${task}.${address.runId}`;
}

/** What `subject` says, or `undefined` when no {@link RunAddress} gives that subject. */
export function parseRunSubject(subject: string): RunAddress | undefined {
  const tokens = subject.split(".");
  if (!isSix(tokens)) return undefined;
  const [mesh, stage, queue, middle, token, runId] = tokens;
  if (!isMeshName(mesh) || !isQueueName(queue) || !isRunId(runId)) return undefined;
  const name = decodeToken(token);
  if (name === undefined) return undefined;
  if (stage === "K") return keyedAddress(middle, { queue, key: name, runId });
  const rest = { queue, task: name, runId };
  return stage === "T" ? readyAddress(middle, rest) : scheduledAddress(`${stage}.${middle}`, rest);
}

type Six = readonly [string, string, string, string, string, string];

function isSix(tokens: readonly string[]): tokens is Six {
  return tokens.length === 6;
}

interface Rest {
  readonly queue: string;
  readonly task: string;
  readonly runId: string;
}

function readyAddress(token: string, rest: Rest): ReadyAddress | undefined {
  const priority = priorityOfToken(token);
  return priority === undefined ? undefined : { kind: "ready", priority, ...rest };
}

function keyedAddress(token: string, rest: Omit<KeyedAddress, "kind" | "lane">): KeyedAddress | undefined {
  return /^(?:0|[1-9]\d{0,2})$/.test(token) ? { kind: "keyed", lane: Number(token), ...rest } : undefined;
}

function scheduledAddress(token: string, rest: Rest): ScheduledAddress | undefined {
  if (token === "S.d") return { kind: "delayed", ...rest };
  if (token === "S.r") return { kind: "retrying", ...rest };
  return undefined;
}

/** The last token of a subject: of every run's subject and record key, its run id. */
export function lastToken(subject: string): string {
  return subject.slice(subject.lastIndexOf(".") + 1);
}

/** Matches the one message of a run in the tasks stream, wherever it waits. */
export function anywhereSubject(mesh: string, runId: string): string {
  return `${mesh}.*.*.*.*.${runId}`;
}

/** Matches the message of a run in one stage of the tasks stream: `T` ready, `K` keyed, `S` scheduled. */
export function stageSubject(mesh: string, stage: "T" | "K" | "S", runId: string): string {
  return `${mesh}.${stage}.*.*.*.${runId}`;
}

/** The subjects that the tasks stream of `mesh` takes. */
export function taskStreamSubjects(mesh: string): readonly string[] {
  return [`${mesh}.T.*.*.*.*`, `${mesh}.K.*.*.*.*`, `${mesh}.S.*.*.*.*`];
}

/** What the consumer of a queue's priority takes. */
export function readyFilter(mesh: string, queue: string, priority: Priority): string {
  return `${mesh}.T.${queue}.${priorityToken(priority)}.*.*`;
}

/** What the consumer of a queue's lane takes. */
export function laneFilter(mesh: string, queue: string, lane: number): string {
  return `${mesh}.K.${queue}.${lane}.*.*`;
}

/** Matches every keyed run of a queue that may start now. */
export function keyedSubjects(mesh: string, queue: string): string {
  return `${mesh}.K.${queue}.*.*.*`;
}

/** Matches every run of a queue that is not due yet. */
export function scheduledSubjects(mesh: string, queue: string): string {
  return `${mesh}.S.${queue}.*.*.*`;
}

/** Where all that is decided in a mesh is stored, and where the server announces it. */
export function configSubjects(mesh: string): { readonly stored: string; readonly announced: string } {
  return { stored: `$KV.${mesh}_config.>`, announced: `${mesh}.C.>` };
}

/** The subject that the definition of a queue is stored on: a key of the configuration bucket. */
export function queueConfigSubject(mesh: string, queue: string): string {
  return `$KV.${mesh}_config.queues.${queue}`;
}

/** Where the server announces the definition of a queue, or of every queue (`*`), when it changes. */
export function queueConfigNotice(mesh: string, queue: string): string {
  return `${mesh}.C.queues.${queue}`;
}

/** The subject that the record of a run is stored on: a key of the results bucket. */
export function recordSubject(mesh: string, runId: string): string {
  return `$KV.${mesh}_results.${shardOf(runId)}.${runId}`;
}

/** The subject that the lock `lock` of a unique run is stored on: a key of the leases bucket. */
export function lockSubject(mesh: string, lock: string): string {
  return `$KV.${mesh}_leases.unique.${encodeToken(lock)}`;
}

/** Where the server announces every stored record of a run. */
export function noticeSubject(mesh: string, runId: string): string {
  return `${mesh}.N.${shardOf(runId)}.${runId}`;
}

/** Where the server announces the records of all runs of one shard. */
export function shardNotices(mesh: string, shard: string): string {
  return `${mesh}.N.${shard}.*`;
}

/** The subject of a run's dead letter. */
export function deadLetterSubject(mesh: string, queue: string, run: { task: string; runId: string }): string {
  return `${mesh}.D.${queue}.${encodeToken(run.task)}.${run.runId}`;
}

/** Matches the dead letter of a run, whatever its queue and task. */
export function deadLetterAnywhere(mesh: string, runId: string): string {
  return `${mesh}.D.*.*.${runId}`;
}

/** Matches the dead letters of a queue and a task, or of all where one is `undefined`. */
export function deadLetterFilter(mesh: string, queue: string | undefined, task: string | undefined): string {
  return `${mesh}.D.${queue ?? "*"}.${task === undefined ? "*" : encodeToken(task)}.*`;
}

/** Whose dead letter is stored on `subject`. Every subject says something: what a stranger chose is given as it is. */
export function parseDeadLetterSubject(subject: string): { queue: string; task: string; runId: string } {
  const [, , queue = "", task = "", runId = ""] = subject.split(".");
  return { queue, task: decodeToken(task) ?? task, runId };
}

/** The core subject on which every worker of a mesh hears a control command. Not stored. */
export function controlSubject(mesh: string, command: "cancel" | "sweep"): string {
  return `${mesh}.ctl.all.${command}`;
}

/** The subject of the events that a process tells. */
export function eventSubject(mesh: string, source: { role: "worker" | "client"; id: string }): string {
  return `${mesh}.E.${source.role}.${encodeToken(source.id)}`;
}

/** The subjects of all events of `mesh`. */
export function eventSubjects(mesh: string): string {
  return `${mesh}.E.*.*`;
}
