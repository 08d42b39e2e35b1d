import { decode, encode } from "./codec.ts";
import { DEFAULT_LANES, MAX_LANES } from "./lanes.ts";
import { fieldReader, isFiniteNumber, type FieldReader } from "./record-fields.ts";

/** That a queue is paused. Times in milliseconds since the epoch. */
export interface QueuePause {
  readonly at: number;
  /** It ends by itself then; absent: it lasts until somebody resumes the queue. */
  readonly until?: number;
  readonly reason?: string;
  readonly by?: string;
}

/** What is decided about a queue, for all producers and workers. Of two, the one with the higher version counts. */
export interface QueueConfig {
  /** Grows by one with every change; 0: nobody has decided anything. */
  readonly version: number;
  /** How many lanes keyed runs are spread over. */
  readonly lanes: number;
  /**
   * The most lanes that it has ever had. Workers serve so many: what a producer that had not heard of a change
   * puts into an old lane is still taken.
   */
  readonly widest: number;
  /** A keyed run has been enqueued, or is about to be: workers serve the lanes. */
  readonly keyed: boolean;
  readonly paused?: QueuePause;
}

/** The definition of a queue about which nothing was decided. */
export const DEFAULT_QUEUE_CONFIG: QueueConfig = {
  version: 0,
  lanes: DEFAULT_LANES,
  widest: DEFAULT_LANES,
  keyed: false,
};

/** Whether a queue with this definition is paused at `now`. */
export function isPaused({ paused }: Pick<QueueConfig, "paused">, now: number): boolean {
  return paused !== undefined && (paused.until === undefined || paused.until > now);
}

/** The stored form of a queue's definition. */
export function encodeQueueConfig(config: QueueConfig): Uint8Array {
  return encode(config, "queue definition");
}

/** @throws UmbelError `undecodable` for anything that {@link encodeQueueConfig} did not make. */
export function decodeQueueConfig(body: Uint8Array): QueueConfig {
  const reader = fieldReader(decode(body, "queue definition"), "queue definition");
  const { fields } = reader;
  return {
    version: reader.number("version"),
    lanes: lanes(reader, "lanes"),
    widest: lanes(reader, "widest"),
    keyed: fields["keyed"] === true,
    ...(fields["paused"] === undefined ? {} : { paused: readPause(fields["paused"]) }),
  };
}

function lanes(reader: FieldReader, field: "lanes" | "widest"): number {
  const value = reader.number(field);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_LANES) return value;
  throw reader.fail(`${field} is not a whole number from 1 to ${MAX_LANES}`);
}

function readPause(value: unknown): QueuePause {
  const reader = fieldReader(value, "pause of a queue");
  const { until, reason, by } = reader.fields;
  return {
    at: reader.number("at"),
    ...(isFiniteNumber(until) ? { until } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
    ...(typeof by === "string" ? { by } : {}),
  };
}
