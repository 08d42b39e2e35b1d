import { parseRunSubject, parseTickSubject, type Priority } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** How many runs of a queue are stored, by where they are. A running one counts as ready. */
export interface QueueCount {
  readonly queue: string;
  readonly ready: number;
  readonly byPriority: Readonly<Record<Priority, number>>;
  /** Those with a key, which wait in a lane. */
  readonly keyed: number;
  readonly delayed: number;
  readonly retrying: number;
}

/** What the tasks stream holds. */
export interface WaitingCount {
  readonly queues: readonly QueueCount[];
  /** Messages whose subject is not that of a run: nothing will ever take them. */
  readonly strangers: number;
  /** `false` when there were more messages than the server tells of at once, and the rest is not counted. */
  readonly complete: boolean;
}

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Count what the tasks stream holds, by queue. Reads the subjects of at most 100,000 messages, which is what the
 * server puts into one answer.
 *
 * @throws UmbelError, `not_provisioned` without the stream.
 */
export async function countWaiting(connection: BrokerConnection): Promise<WaitingCount> {
  const { nats, streams, mesh, manager } = connection;
  try {
    // The library would read page after page, however many there are. It also says when there is no stream.
    const { state } = await manager.streams.info(streams.tasks);
    const answer = await nats.request(
      `$JS.API.STREAM.INFO.${streams.tasks}`,
      JSON.stringify({ subjects_filter: `${mesh}.>` }),
      { timeout: ANSWER_TIMEOUT_MS },
    );
    const subjects = readSubjects(answer.json<unknown>());
    return { ...countBySubject(subjects), complete: subjects.length >= (state.num_subjects ?? 0) };
  } catch (error) {
    throw translateError(error, `counting the messages of stream ${streams.tasks}`);
  }
}

function countBySubject(subjects: readonly string[]): Omit<WaitingCount, "complete"> {
  const queues = new Map<string, OpenCount>();
  let strangers = 0;
  for (const subject of subjects) {
    const address = parseRunSubject(subject);
    // Those of schedules come and go by themselves.
    if (parseTickSubject(subject) !== undefined) continue;
    if (address === undefined) {
      strangers += 1;
      continue;
    }
    const { kind, queue } = address;
    const count = queues.get(queue) ?? freshCount(queue);
    count[kind] += 1;
    if (kind === "ready") count.byPriority[address.priority] += 1;
    queues.set(queue, count);
  }
  return { queues: [...queues.values()], strangers };
}

type Countable = Exclude<keyof QueueCount, "queue" | "byPriority">;

interface OpenCount extends Record<Countable, number> {
  readonly queue: string;
  readonly byPriority: Record<Priority, number>;
}

function freshCount(queue: string): OpenCount {
  const byPriority = { high: 0, normal: 0, low: 0 };
  return { queue, ready: 0, byPriority, keyed: 0, delayed: 0, retrying: 0 };
}

// Every subject holds one message: that is how the stream is made.
function readSubjects(answer: unknown): readonly string[] {
  const state = field(answer, "state");
  const subjects = field(state, "subjects");
  return typeof subjects === "object" && subjects !== null ? Object.keys(subjects) : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
