import {
  armedTickSubject,
  firedTickSubject,
  parseTickSubject,
  SCHEDULE_LEAD_MS,
  tickConsumerSpec,
} from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { encodeHeaders, SCHEDULE, SCHEDULE_TARGET } from "./encoded-headers.ts";
import { provisionOne } from "./provision.ts";
import type { Publisher } from "./publisher.ts";
import { MAX_LAST, readLastMessages } from "./read-stream.ts";

const EMPTY = new Uint8Array();

/**
 * Let the broker hand a tick of the schedule `id` to a worker a little before `fireAt`, or at once if that has
 * passed. It replaces the one that waits. A tick says nothing: whoever gets it reads the schedule's record.
 *
 * @throws UmbelError when it is not stored
 */
export async function armTick(
  publisher: Pick<Publisher, "publish">,
  { mesh, id, fireAt }: { readonly mesh: string; readonly id: string; readonly fireAt: number },
): Promise<void> {
  const at = Math.max(0, fireAt - SCHEDULE_LEAD_MS);
  await publisher.publish({
    subject: armedTickSubject(mesh, id),
    body: EMPTY,
    headers: encodeHeaders([
      [SCHEDULE, `@at ${new Date(at).toISOString()}`],
      [SCHEDULE_TARGET, firedTickSubject(mesh, id)],
    ]),
  });
}

/**
 * Which of the schedules `ids` have a tick that waits for its time, or for a worker.
 *
 * @throws UmbelError as `readStream` does
 */
export async function findTicks(
  connection: BrokerConnection,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { mesh, streams } = connection;
  const subjects = ids.flatMap((id) => [armedTickSubject(mesh, id), firedTickSubject(mesh, id)]);
  const found = new Set<string>();
  for (let from = 0; from < subjects.length; from += MAX_LAST) {
    const part = subjects.slice(from, from + MAX_LAST);
    for (const { subject } of await readLastMessages(connection, streams.tasks, part)) {
      const id = parseTickSubject(subject);
      if (id !== undefined) found.add(id);
    }
  }
  return found;
}

/** Make the consumer of ticks exist. Idempotent. @throws UmbelError */
export function provisionTicks(connection: BrokerConnection, ackWaitMs: number): Promise<void> {
  return provisionOne(connection, tickConsumerSpec(connection.mesh, ackWaitMs));
}
