import {
  encodeHeaders,
  EXPECT_SEQUENCE,
  EXPECT_SUBJECT,
  type EncodedHeaders,
  type PublishRequest,
} from "@umbel/broker";
import { anywhereSubject, consumerName, runSubject, streamNames, type Priority } from "@umbel/protocol";
import type { BrokerConnection, PullSource } from "@umbel/broker";

/** Where a run of a test goes. */
export interface RunPlace {
  /** @default "q" */
  readonly queue?: string;
  /** @default "normal" */
  readonly priority?: Priority;
}

const BODY = new Uint8Array([0xc0]);

/** The subject of a ready run of the task `t`. */
export function readySubject(mesh: string, runId: string, place: RunPlace = {}): string {
  const { queue = "q", priority = "normal" } = place;
  return runSubject(mesh, { kind: "ready", queue, priority, task: "t", runId });
}

/** A first publish of `runId`: refused when its subject holds it already; a repeat looks at all its subjects. */
export function firstPublish(mesh: string, runId: string, place: RunPlace = {}): PublishRequest {
  return {
    subject: readySubject(mesh, runId, place),
    body: BODY,
    headers: encodeHeaders([[EXPECT_SEQUENCE, "0"]]),
    repeatHeaders: () => onceHeaders(mesh, runId),
  };
}

/** Headers that let one message of `runId` in, whatever its queue, priority and stage. */
export function onceHeaders(mesh: string, runId: string): EncodedHeaders {
  return encodeHeaders([
    [EXPECT_SEQUENCE, "0"],
    [EXPECT_SUBJECT, anywhereSubject(mesh, runId)],
  ]);
}

/** `count` run ids that start with `prefix`. */
export function runIds(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** What a worker of `queue` pulls from for `priority`. */
export function sourceOf(queue: string, priority: Priority): PullSource {
  return { consumer: consumerName(queue, priority), queue, priority };
}

/** How many messages the tasks stream holds, as its leader has it. */
export async function storedRuns(connection: BrokerConnection): Promise<number> {
  const info = await connection.manager.streams.info(streamNames(connection.mesh).tasks);
  return info.state.messages;
}
