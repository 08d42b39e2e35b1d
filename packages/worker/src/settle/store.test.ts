import type { WriteOptions, WriteResult } from "@umbel/broker";
import { UmbelError, type ErrorCode, type RunRecord } from "@umbel/protocol";
import { silentLogger, type LogFields, type Logger } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { storeDelayMs, storeRecord } from "./store.ts";

const RECORD: RunRecord = {
  state: "queued",
  task: "t",
  queue: "q",
  worker: "w",
  attempt: 0,
  starts: 0,
  at: 1,
  errors: [],
  since: 1,
};
const WON: WriteResult = { won: true, sequence: 9 };
const OPTIONS: WriteOptions = { expected: 3, ttl: "never" };

type Answer = WriteResult | Error;

/** A store that gives one answer after the other, the last one for ever. */
class Answers {
  readonly writes: [runId: string, record: RunRecord, options: WriteOptions][] = [];
  readonly #answers: Answer[];

  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  async write(...write: [runId: string, record: RunRecord, options: WriteOptions]): Promise<WriteResult> {
    this.writes.push(write);
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no answer");
    return answer;
  }
}

const SYSTEM_ERROR = Object.assign(new Error("not ours"), { code: "storage_full" });
const failure = (code: ErrorCode): UmbelError => new UmbelError(code, code);

interface How {
  readonly closed?: AbortSignal;
  readonly onRetry?: (line: LogFields) => void;
}

function store(records: Answers, how: How = {}): Promise<unknown> {
  const { closed = new AbortController().signal, onRetry = () => undefined } = how;
  const logger: Logger = { ...silentLogger, warn: onRetry };
  const stored = storeRecord("run-1", RECORD, { options: OPTIONS, deps: { records, logger, closed } });
  return stored.catch((error: unknown) => error);
}

describe("storing a record", () => {
  test("hands it on as it is, and says who won", async () => {
    const lost: WriteResult = {
      won: false,
      current: { sequence: 5, record: undefined, tombstone: true, storedAt: 1 },
    };
    const records = new Answers(lost);
    await expect(store(records)).resolves.toBe(lost);
    expect(records.writes).toEqual([["run-1", RECORD, OPTIONS]]);
  });

  test.each<ErrorCode>(["storage_full", "broker_unavailable", "unconfirmed", "conflict"])(
    "is tried again when it is refused with %s, which passes",
    async (code) => {
      const records = new Answers(failure(code), WON);
      await expect(store(records)).resolves.toBe(WON);
      expect(records.writes).toEqual([
        ["run-1", RECORD, OPTIONS],
        ["run-1", RECORD, OPTIONS],
      ]);
    },
  );

  test("is tried until it succeeds, and says so each time", async () => {
    const lines: LogFields[] = [];
    const onRetry = (line: LogFields): void => void lines.push(line);
    const full = failure("storage_full");
    await expect(store(new Answers(full, failure("unconfirmed"), WON), { onRetry })).resolves.toBe(WON);
    const run = { event: "result.store_retried", runId: "run-1", task: "t", queue: "q" };
    expect(lines).toMatchObject([
      { ...run, tries: 1, delayMs: 100, err: full },
      { ...run, tries: 2, delayMs: 200 },
    ]);
  });

  test.each<Error>([
    failure("payload_too_large"),
    failure("connection_closed"),
    new TypeError("bug"),
    SYSTEM_ERROR,
  ])("is not tried again after what does not pass: %s", async (error) => {
    const records = new Answers(error, WON);
    await expect(store(records)).resolves.toBe(error);
    expect(records.writes).toHaveLength(1);
  });

  test("ends when the worker is closed: one last try, without waiting any longer", async () => {
    const closing = new AbortController();
    const full = failure("storage_full");
    const records = new Answers(failure("unconfirmed"), full);
    const stored = store(records, { closed: closing.signal, onRetry: () => closing.abort() });
    await expect(stored).resolves.toBe(full);
    expect(records.writes).toHaveLength(2);
  });

  test("still succeeds with the last try", async () => {
    const closing = new AbortController();
    const records = new Answers(failure("unconfirmed"), WON);
    await expect(store(records, { closed: closing.signal, onRetry: () => closing.abort() })).resolves.toBe(
      WON,
    );
  });

  test("is tried once when the worker is closed already", async () => {
    const records = new Answers(failure("unconfirmed"), WON);
    await expect(store(records, { closed: AbortSignal.abort() })).resolves.toMatchObject({
      code: "unconfirmed",
    });
    expect(records.writes).toHaveLength(1);
  });
});

test("a store that refuses is asked again twice as late each time, every five seconds at most", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 2_000].map(storeDelayMs)).toEqual([
    100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000,
  ]);
});
