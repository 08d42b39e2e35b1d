import { hostname } from "node:os";
import { Decoder, Encoder } from "@msgpack/msgpack";
import { formatRunHeader, RUN_HEADER, runSubject } from "@umbel/protocol";
import { noop } from "../work/tasks.ts";
import { EncodedHeaders } from "./encoded-headers.ts";

/** One of each for the whole process: making them is dear. */
export const encoder = new Encoder();
export const decoder = new Decoder();

const CREATE_ONLY = { "Nats-Expected-Last-Subject-Sequence": "0" };

/** The headers of every outcome: none may be there before. */
export const OUTCOME_HEADERS = new EncodedHeaders(CREATE_ONLY);

/** The headers of every run of one producer: the time is the same for all, so they are encoded once. */
export function runHeaders(origin: string, enqueuedAt: number): EncodedHeaders {
  const meta = { task: noop.name, enqueuedAt, origin, attempt: 1, verify: false };
  return new EncodedHeaders({ ...CREATE_ONLY, [RUN_HEADER]: formatRunHeader(meta) });
}

/** The subject of a run without its last token, the run id. */
export function subjectPrefix(mesh: string): string {
  const { queue, priority, name: task } = noop;
  return runSubject(mesh, { kind: "ready", queue, priority, task, runId: "" });
}

/** When the run with this header was enqueued. */
export function enqueuedAtOf(runHeader: string): number {
  return Number(runHeader.split(";", 3)[2]);
}

const FLOAT64 = 0xcb;
const BIN8 = 0xc4;
const FIELDS_OF_AN_OUTCOME = 0x8c;
const SIZE_OF_A_TIME = 9;

const CONSTANT = Buffer.concat([
  Buffer.from([FIELDS_OF_AN_OUTCOME]),
  ...fields({
    task: noop.name,
    queue: noop.queue,
    worker: `${hostname()}-${process.pid}-00000000`,
    attempt: 1,
    starts: 1,
    errors: [],
    state: "succeeded",
    fence: 0,
  }),
]);
const TIMES = ["enqueuedAt", "startedAt", "at"].map((name) => encoder.encode(name));
const RESULT = encoder.encode("result");
const TIMES_AT = TIMES.reduce(
  (places, key) => [...places, (places.at(-1) ?? CONSTANT.length - SIZE_OF_A_TIME) + SIZE_OF_A_TIME + key.length],
  Array.of<number>(),
);
const TEMPLATE = Buffer.concat([
  CONSTANT,
  ...TIMES.flatMap((key) => [key, Buffer.from([FLOAT64, 0, 0, 0, 0, 0, 0, 0, 0])]),
  RESULT,
  Buffer.from([BIN8, 0]),
]);

/** What is new in an outcome; everything else is the same in all. */
export interface OutcomeParts {
  readonly enqueuedAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** At most 255 bytes. */
  readonly result: Uint8Array;
}

/** The record of a run that succeeded: the bytes that are the same in all, with times and result filled in. */
export function outcomeBody({ enqueuedAt, startedAt, finishedAt, result }: OutcomeParts): Uint8Array {
  const body = Buffer.allocUnsafe(TEMPLATE.length + result.length);
  body.set(TEMPLATE);
  body.writeDoubleBE(enqueuedAt, (TIMES_AT[0] ?? 0) + 1);
  body.writeDoubleBE(startedAt, (TIMES_AT[1] ?? 0) + 1);
  body.writeDoubleBE(finishedAt, (TIMES_AT[2] ?? 0) + 1);
  body[TEMPLATE.length - 1] = result.length;
  body.set(result, TEMPLATE.length);
  return body;
}

function fields(record: Readonly<Record<string, unknown>>): Uint8Array[] {
  return Object.entries(record).flatMap(([name, value]) => [encoder.encode(name), encoder.encode(value)]);
}
