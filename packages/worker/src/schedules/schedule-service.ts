import {
  findTicks,
  readRecordsOf,
  RunLocks,
  RunRecords,
  ScheduleRecords,
  type BrokerConnection,
  type Publisher,
} from "@umbel/broker";
import type { Mesh } from "@umbel/client";
import { replaceRun } from "@umbel/client/internal";
import { isOutcome, type FiringState } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import { Expander } from "./expander.ts";
import { ScheduleKeeper } from "./schedule-keeper.ts";
import { TickConsumption } from "./tick-consumption.ts";

/** What a {@link ScheduleService} needs. */
export interface ScheduleServiceDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly mesh: Pick<Mesh, "enqueueBody">;
  readonly ackWaitMs: number;
  readonly logger: Logger;
  readonly workerId: string;
}

/** What a worker does for the schedules of its mesh. The consumer of ticks exists. */
export interface ScheduleService {
  readonly ticks: TickConsumption;
  readonly keeper: ScheduleKeeper;
}

/** Begin to take ticks. */
export function startScheduleService(deps: ScheduleServiceDeps): ScheduleService {
  const { connection, publisher, mesh, ackWaitMs, logger, workerId } = deps;
  const records = new RunRecords(connection, publisher);
  const locks = new RunLocks(connection, publisher);
  const schedules = new ScheduleRecords(connection, publisher);
  const now = Date.now;
  const expander = new Expander({
    connection,
    publisher,
    schedules,
    records,
    enqueue: (request) => mesh.enqueueBody(request),
    cancel: (runId, scheduleId) => replaceRun(runId, scheduleId, { connection, records, locks, now }),
    now,
    logger,
    workerId,
  });
  return {
    ticks: new TickConsumption({ connection, expander, ackWaitMs, logger, workerId }),
    keeper: new ScheduleKeeper({
      schedules,
      ticked: (ids) => findTicks(connection, ids),
      ended: (runIds) => readEnds(connection, runIds),
      expander,
      logger,
      workerId,
      now,
    }),
  };
}

async function readEnds(
  connection: BrokerConnection,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, FiringState>> {
  const ended = new Map<string, FiringState>();
  for (const [runId, { record }] of await readRecordsOf(connection, runIds)) {
    if (record !== undefined && isOutcome(record)) ended.set(runId, record.state);
  }
  return ended;
}
