import type { ConsumerSpec } from "../topology.ts";
import { MAX_ACK_PENDING, streamNames } from "../topology.ts";
import { lastToken } from "../subjects.ts";
import { isScheduleId } from "./schedule-definition.ts";

// No queue can have this name, and no run this sign in its id: ticks are never taken for runs.
const NO_QUEUE = "-";
const SIGN = "~";

/** Where the next tick of a schedule waits for its time, in the tasks stream. */
export function armedTickSubject(mesh: string, scheduleId: string): string {
  return `${mesh}.S.${NO_QUEUE}.c.tick.${SIGN}${scheduleId}`;
}

/** Where a tick whose time has come waits for a worker. */
export function firedTickSubject(mesh: string, scheduleId: string): string {
  return `${mesh}.T.${NO_QUEUE}.c.tick.${SIGN}${scheduleId}`;
}

/** The schedule that a tick is of, wherever it waits; `undefined` for a subject that is no tick's. */
export function parseTickSubject(subject: string): string | undefined {
  const [, stage, queue, middle] = subject.split(".", 4);
  const token = lastToken(subject);
  if ((stage !== "S" && stage !== "T") || queue !== NO_QUEUE || middle !== "c") return undefined;
  const id = token.startsWith(SIGN) ? token.slice(SIGN.length) : "";
  return isScheduleId(id) ? id : undefined;
}

/** The name of the consumer of all ticks. Those of queues have a suffix. */
export const TICK_CONSUMER = "ticks";

/** The consumer that hands ticks to workers, whatever queues they serve. */
export function tickConsumerSpec(mesh: string, ackWaitMs: number): ConsumerSpec {
  return {
    stream: streamNames(mesh).tasks,
    name: TICK_CONSUMER,
    filter: `${mesh}.T.${NO_QUEUE}.c.*.*`,
    ackWaitMs,
    maxAckPending: MAX_ACK_PENDING,
  };
}

/** The subject that a schedule is stored on: a key of the configuration bucket. `*`: those of all. */
export function scheduleSubject(mesh: string, scheduleId: string): string {
  return `$KV.${mesh}_config.schedules.${scheduleId}`;
}
