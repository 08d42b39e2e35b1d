import { hostname } from "node:os";
import { noop } from "../work/tasks.ts";
import { encoder } from "./codec.ts";

/** What differs between the outcomes of runs that succeed. Times in milliseconds since the epoch. */
export interface OutcomeParts {
  readonly enqueuedAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** At most 255 bytes of MessagePack. */
  readonly result: Uint8Array;
}

/** The record of a run that succeeded: bytes that were encoded once, with times and result filled in. */
export function outcomeBody({ enqueuedAt, startedAt, finishedAt, result }: OutcomeParts): Uint8Array {
  const body = Buffer.allocUnsafe(TEMPLATE.length + result.length);
  body.set(TEMPLATE);
  body.writeDoubleBE(enqueuedAt, ENQUEUED_AT);
  body.writeDoubleBE(startedAt, STARTED_AT);
  body.writeDoubleBE(finishedAt, FINISHED_AT);
  body[TEMPLATE.length - 1] = result.length;
  body.set(result, TEMPLATE.length);
  return body;
}

const MAP_OF_12 = 0x8c;
const BIN_8 = 0xc4;
// With a fraction, so that it is encoded as a float of 8 bytes.
const SOME_TIME = 0.5;

const CONSTANT = Buffer.concat([
  Buffer.from([MAP_OF_12]),
  ...fields({
    task: noop.name,
    queue: noop.queue,
    // As long as the id of a real worker.
    worker: `${hostname()}-${process.pid}-00000000`,
    attempt: 1,
    starts: 1,
    errors: [],
    state: "succeeded",
    fence: 0,
  }),
]);
const TIMES = ["enqueuedAt", "startedAt", "at"].map((name) => Buffer.concat(fields({ [name]: SOME_TIME })));
const TEMPLATE = Buffer.concat([CONSTANT, ...TIMES, encoder.encode("result"), Buffer.from([BIN_8, 0])]);
const [ENQUEUED_AT, STARTED_AT, FINISHED_AT] = [1, 2, 3].map(endOfTimes);

function endOfTimes(count: number): number {
  const times = Buffer.concat([CONSTANT, ...TIMES.slice(0, count)]);
  return times.length - Float64Array.BYTES_PER_ELEMENT;
}

function fields(record: Readonly<Record<string, unknown>>): Uint8Array[] {
  return Object.entries(record).flatMap(([name, value]) => [encoder.encode(name), encoder.encode(value)]);
}
