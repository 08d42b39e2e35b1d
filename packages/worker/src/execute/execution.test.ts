import { setImmediate } from "node:timers/promises";
import type { StoredRecord, WriteResult } from "@umbel/broker";
import { defineTask, fixed, type OutcomeRecord, type RunMeta, type RunRecord } from "@umbel/protocol";
import { silentLogger, type LogFields, type Logger } from "@umbel/runtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UntouchedRuns } from "./untouched-runs.ts";
import type { AttemptListener, Executor } from "../executors/executor.ts";
import { handle } from "../handler.ts";
import type { Settled, Settlement } from "../settle/settlement.ts";
import type { AttemptResult } from "./attempt.ts";
import type { AttemptRequest } from "./attempt-request.ts";
import { FakeDelivery } from "./delivery.test.helper.ts";
import { Execution } from "./execution.ts";
import type { Run } from "./run.ts";

const NOW = 1_000;
const META: RunMeta = { task: "t", enqueuedAt: 1, origin: "o", attempt: 1, verify: false };
const VERIFY: RunMeta = { ...META, verify: true };
const RESULT = new Uint8Array([1]);
const ERROR = { name: "Error", message: "boom" };
const FAILED: AttemptResult = { kind: "threw", error: ERROR, retryable: true };
const task = defineTask({
  name: "t",
  queue: "q",
  retry: { maxAttempts: 2, backoff: fixed(50, { jitter: "none" }) },
});
const handler = handle(task, () => 1);

/** What happened, in order. */
let log: unknown[][];
let lines: LogFields[];
let settled: Settled;

const settle =
  (what: string) =>
  async (...all: unknown[]): Promise<Settled> => {
    log.push([what, ...all]);
    return settled;
  };
const note =
  (what: string) =>
  (...all: unknown[]): void =>
    void log.push([what, ...all]);

const settlement: Pick<Settlement, keyof Settlement> = {
  end: settle("end"),
  succeed: (run, ownership, { listener, ...ending }) => {
    void settle("end")(run, ownership, ending).then((how) => listener.onSettled(how));
  },
  retry: settle("retry"),
  interrupt: settle("interrupt"),
  waitUntilDue: settle("wait"),
  park: settle("park"),
  finish: async (...all) => note("finish")(...all),
  forget: note("forget"),
  handBack: note("hand back"),
};

/** An executor whose attempt ends when a test says so. */
class Held implements Executor {
  readonly requests: AttemptRequest[] = [];
  #listener: AttemptListener | undefined;

  execute(request: AttemptRequest, listener: AttemptListener): void {
    this.requests.push(request);
    this.#listener = listener;
  }

  async end(result: AttemptResult): Promise<void> {
    this.#listener?.onResult(result);
    await setImmediate();
  }
}

interface Circumstances {
  readonly meta?: RunMeta;
  readonly read?: () => Promise<StoredRecord | undefined>;
  readonly write?: () => Promise<WriteResult>;
  readonly isStale?: boolean;
}

function begin(circumstances: Circumstances = {}): { execution: Execution; executor: Held; run: Run } {
  const { meta = META, read = async () => undefined } = circumstances;
  const { write = async () => ({ won: true, sequence: 9 }) } = circumstances;
  const executor = new Held();
  const logger: Logger = { ...silentLogger, error: (fields) => lines.push(fields) };
  const delivery = new FakeDelivery("umbel.T.q.n.t.run-1");
  const run: Run = { runId: "run-1", queue: "q", meta, handler, trace: {}, delivery };
  const records = { read, write, now: async () => NOW };
  const execution = new Execution(run, handler, {
    executors: { loop: executor, thread: executor },
    settlement,
    claim: { records, workerId: "w", crashLoopLimit: 5, now: () => NOW, heardCancel: () => false, untouched },
    untouched,
    logger,
    workerId: "w",
    isStale: () => circumstances.isStale === true,
    events: { started: () => undefined },
    verbose: () => false,
    timeLimits: new Map(),
    counter: { started: () => undefined, ended: () => undefined },
    onBegin: () => note("begun")(),
    onEnd: () => note("ended")(),
    release: (runsOn) => note("released")(runsOn),
  });
  execution.begin();
  return { execution, executor, run };
}

const untouched = new UntouchedRuns();

const steps = (): unknown[] => log.map(([what]) => what);
const ending = (): unknown => log.find(([what]) => what === "end")?.[3];

beforeEach(() => {
  log = [];
  lines = [];
  settled = "settled";
});

describe("a first delivery", () => {
  test("begins its handler at once, without a look at any record", async () => {
    const read = vi.fn<() => Promise<undefined>>();
    const { executor, run, execution } = begin({ read });
    expect(executor.requests).toMatchObject([
      { run, handler, deadline: undefined, ownership: { expected: 0, attempt: 1, starts: 1 } },
    ]);
    await executor.end({ kind: "returned", result: RESULT });
    expect(read).not.toHaveBeenCalled();
    expect(execution.ownership).toMatchObject({ expected: 0 });
  });

  test("frees its slot before its outcome is stored, and ends once it is", async () => {
    const { executor, run } = begin();
    await executor.end({ kind: "returned", result: RESULT });
    expect(log).toEqual([
      ["begun"],
      ["released", "loop"],
      ["end", run, expect.anything(), { state: "succeeded", startedAt: NOW, result: RESULT }],
      ["ended"],
    ]);
  });
});

describe("a delivery that the broker has given to another worker meanwhile", () => {
  test("is neither executed nor touched, and frees its slot", async () => {
    const { executor } = begin({ isStale: true });
    await setImmediate();
    expect(executor.requests).toEqual([]);
    expect(log).toEqual([["released", "loop"]]);
  });
});

describe("a handler that fails", () => {
  test("is tried again after its backoff while attempts are left", async () => {
    const { executor, run } = begin();
    await executor.end(FAILED);
    expect(log[2]).toEqual([
      "retry",
      run,
      expect.anything(),
      expect.objectContaining({ delayMs: 50, error: ERROR }),
    ]);
  });

  test("fails the run with its last attempt", async () => {
    const { executor } = begin({ meta: { ...META, maxAttempts: 1 } });
    await executor.end(FAILED);
    expect(ending()).toEqual({ state: "failed", startedAt: NOW, error: ERROR, deadLetter: "exhausted" });
    expect(lines).toMatchObject([{ event: "run.failed", runId: "run-1", attempt: 1 }]);
  });
});

describe("an attempt with a timeout", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("has a deadline, and is aborted when it comes", () => {
    const { executor } = begin({ meta: { ...META, timeoutMs: 20 } });
    const [request] = executor.requests;
    expect(request?.deadline).toBe(NOW + 20);
    vi.advanceTimersByTime(19);
    expect(request?.control.cause).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(request?.control).toMatchObject({ cause: "timeout", reason: { details: { timeoutMs: 20 } } });
  });

  test("is not aborted once it has ended", async () => {
    const { executor } = begin({ meta: { ...META, timeoutMs: 20 } });
    await executor.end({ kind: "returned", result: RESULT });
    expect(vi.getTimerCount()).toBe(0);
    expect(executor.requests[0]?.control.cause).toBeUndefined();
  });
});

describe("a run that must be claimed", () => {
  test("is executed with the claim's sequence as its fence", async () => {
    const { executor } = begin({ meta: VERIFY });
    await setImmediate();
    expect(executor.requests[0]?.ownership).toMatchObject({ expected: 9, attempt: 1 });
    await executor.end({ kind: "returned", result: RESULT });
    expect(steps()).toEqual(["begun", "released", "end", "ended"]);
  });

  test.each(["cancelled", "shutdown"] as const)(
    "and is %s meanwhile is given back without being executed",
    async (cause) => {
      const claimed = Promise.withResolvers<WriteResult>();
      const { execution, executor } = begin({ meta: VERIFY, write: () => claimed.promise });
      execution.abort(cause);
      claimed.resolve({ won: true, sequence: 9 });
      await setImmediate();
      expect(executor.requests).toEqual([]);
      expect(log[2]).toEqual(["interrupt", expect.anything(), expect.objectContaining({ expected: 9 })]);
    },
  );

  test("and is over already frees its slot and is finished, not executed", async () => {
    const base = { task: "t", queue: "q", worker: "w", attempt: 1, starts: 1, at: 9, errors: [] };
    const outcome: OutcomeRecord = { ...base, state: "succeeded", fence: 0, enqueuedAt: 1 };
    const record: RunRecord = outcome;
    const { executor, run } = begin({
      meta: VERIFY,
      read: async () => ({ sequence: 4, record, tombstone: false, storedAt: 1 }),
    });
    await setImmediate();
    expect(executor.requests).toEqual([]);
    expect(log).toEqual([
      ["begun"],
      ["released", "loop"],
      ["finish", "run-1", run.delivery, outcome],
      ["ended"],
    ]);
  });

  test("and cannot be is left to its ack-wait: its slot is freed, nothing is settled, and it is logged", async () => {
    const away = new Error("away");
    const { executor, run } = begin({ meta: VERIFY, read: () => Promise.reject(away) });
    await setImmediate();
    expect(executor.requests).toEqual([]);
    expect(steps()).toEqual(["begun", "released", "ended"]);
    expect(run.delivery).toHaveProperty("done", []);
    expect(lines).toMatchObject([{ runId: "run-1", queue: "q", task: "t", err: away }]);
  });
});

describe("a run that is delivered again while it is executed here", () => {
  test("is settled by the delivery that counts now, whose lease is whole", async () => {
    const { execution, executor } = begin();
    const again = new FakeDelivery("umbel.T.q.h.t.run-1");
    Object.assign(execution, { leaseLost: true });
    execution.adopt(again);
    expect(execution.leaseLost).toBe(false);
    await executor.end({ kind: "returned", result: RESULT });
    expect(log[2]?.[1]).toMatchObject({ runId: "run-1", delivery: again });
  });
});

test("a run that was given up before it began is handed back", () => {
  const { execution, run } = begin();
  log = [];
  execution.giveUp();
  expect(log).toEqual([["hand back", run.delivery], ["ended"]]);
});

test("a refused outcome is logged as such, not as a failure", async () => {
  settled = "refused";
  const { executor } = begin({ meta: { ...META, maxAttempts: 1 } });
  await executor.end(FAILED);
  expect(lines).toEqual([]);
  expect(steps()).toEqual(["begun", "released", "end", "ended"]);
});
