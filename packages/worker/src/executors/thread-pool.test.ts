import { setImmediate } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { NO_TRACE } from "@umbel/telemetry";
import { describe, expect, test } from "vitest";
import type { Lane } from "./thread-lane.ts";
import type { ThreadResult } from "./thread-messages.ts";
import { ThreadPool, type ThreadWork } from "./thread-pool.ts";

/** A thread that does what the test says. */
class FakeLane implements Lane {
  readonly loading = Promise.withResolvers<void>();
  ended = false;
  runs = 0;
  #run: PromiseWithResolvers<ThreadResult> | undefined;

  run(): Promise<ThreadResult> {
    this.runs += 1;
    this.#run = Promise.withResolvers<ThreadResult>();
    return this.#run.promise;
  }

  ready(): Promise<void> {
    return this.loading.promise;
  }

  async end(): Promise<void> {
    this.ended = true;
    this.#run?.reject(new Error("ended"));
    await Promise.resolve();
  }

  /** Finish the run. */
  async finish(): Promise<void> {
    this.#run?.resolve({ kind: "returned", result: new Uint8Array() });
    await setImmediate();
  }
}

interface Fixture {
  readonly pool: ThreadPool;
  /** All that were ever started. */
  readonly lanes: FakeLane[];
  readonly spareErrors: unknown[];
  readonly alive: () => number;
  /** Begin a run; resolves to what it comes to. */
  readonly begin: (kill?: AbortSignal) => Promise<string>;
}

function createPool(threads: number, maxRuns?: number): Fixture {
  const lanes: FakeLane[] = [];
  const spareErrors: unknown[] = [];
  const pool = new ThreadPool({
    threads,
    maxRuns,
    open: () => {
      const lane = new FakeLane();
      lanes.push(lane);
      return lane;
    },
    onSpareError: (error) => spareErrors.push(error),
  });
  const begin = (kill = new AbortController().signal): Promise<string> =>
    pool.run(work(kill)).then(
      ({ kind }) => kind,
      (error: unknown) => String(error),
    );
  return { pool, lanes, spareErrors, begin, alive: () => lanes.filter(({ ended }) => !ended).length };
}

function work(kill: AbortSignal): ThreadWork {
  const { port1: port } = new MessageChannel();
  port.close();
  const facts = { runId: "1", task: "t", queue: "q", headers: {}, deadline: undefined };
  const fields = { ...facts, attempt: 1, delivery: 1, start: 1, fence: 0, ignoreResult: false, tags: [] };
  return { task: { fields, body: new Uint8Array(), trace: NO_TRACE, port }, transferList: [], kill };
}

describe("threads", () => {
  test("start at once, and each has one run at a time", async () => {
    const { pool, lanes, begin } = createPool(2);
    expect(lanes).toHaveLength(2);
    const runs = [begin(), begin()];
    expect(lanes.map(({ runs: given }) => given)).toEqual([1, 1]);
    expect(pool.counts).toEqual({ total: 2, busy: 2, replaced: 0 });
    for (const lane of lanes) await lane.finish();
    expect(await Promise.all(runs)).toEqual(["returned", "returned"]);
    expect(pool.counts).toEqual({ total: 2, busy: 0, replaced: 0 });
  });

  test("that are killed fail their run, and others take their places at once", async () => {
    const { lanes, begin, alive } = createPool(1);
    const kill = new AbortController();
    const killed = begin(kill.signal);
    kill.abort();
    expect(await killed).toBe("Error: ended");
    await setImmediate();
    expect([lanes.length, alive()]).toEqual([2, 1]);
    const next = begin();
    await lanes[1]?.finish();
    expect(await next).toBe("returned");
  });

  test("that end between two runs are not given another", async () => {
    const { lanes, begin } = createPool(1);
    await lanes[0]?.end();
    void begin();
    expect(lanes.map(({ runs }) => runs)).toEqual([0, 1]);
  });

  test("end all, and take no run any more, once the pool is disposed", async () => {
    const { pool, begin, alive } = createPool(2, 1);
    const busy = begin();
    await pool[Symbol.asyncDispose]();
    expect(await busy).toBe("Error: ended");
    expect(alive()).toBe(0);
    expect(await begin()).toContain("the worker has stopped");
    expect(alive()).toBe(0);
  });
});

describe("a thread that has executed as many runs as it may", () => {
  test("goes on until its successor is ready, and is replaced between two runs", async () => {
    const { pool, lanes, begin, alive } = createPool(1, 2);
    void begin();
    await lanes[0]?.finish();
    expect(lanes).toHaveLength(1);
    // Its last one: the successor starts beside it.
    void begin();
    expect(lanes).toHaveLength(2);
    await lanes[0]?.finish();
    void begin();
    expect(lanes.map(({ runs }) => runs)).toEqual([3, 0]);
    lanes[1]?.loading.resolve();
    await setImmediate();
    expect(lanes[0]?.ended).toBe(false);
    await lanes[0]?.finish();
    expect(lanes.map(({ ended }) => ended)).toEqual([true, false]);
    void begin();
    expect(lanes.map(({ runs }) => runs)).toEqual([3, 1]);
    expect([pool.counts.replaced, alive()]).toEqual([1, 1]);
  });

  test("is replaced when its successor gets ready while it has nothing to do", async () => {
    const { lanes, begin } = createPool(1, 1);
    void begin();
    await lanes[0]?.finish();
    lanes[1]?.loading.resolve();
    await setImmediate();
    expect(lanes.map(({ ended }) => ended)).toEqual([true, false]);
  });

  test("is not alone: their successors start one after another", async () => {
    const { pool, lanes, begin } = createPool(3, 1);
    for (let run = 0; run < 3; run++) void begin();
    for (const lane of lanes.slice(0, 3)) await lane.finish();
    expect(lanes).toHaveLength(4);
    for (let index = 3; index < 6; index++) {
      lanes[index]?.loading.resolve();
      await setImmediate();
    }
    expect(lanes.map(({ ended }) => ended)).toEqual([true, true, true, false, false, false]);
    expect(pool.counts).toEqual({ total: 3, busy: 0, replaced: 3 });
  });

  test("goes on when its successor cannot start, and the next run tries again", async () => {
    const { lanes, begin, spareErrors } = createPool(1, 1);
    void begin();
    await lanes[0]?.finish();
    lanes[1]?.loading.reject(new Error("no"));
    await setImmediate();
    expect(spareErrors).toHaveLength(1);
    void begin();
    expect(lanes.map(({ runs }) => runs)).toEqual([2, 0, 0]);
  });
});

describe("another number of threads", () => {
  test("that is larger is there at once", () => {
    const { pool, lanes } = createPool(1);
    pool.resize(3);
    expect([lanes.length, pool.counts.total]).toEqual([3, 3]);
  });

  test("that is smaller lets runs end first", async () => {
    const { pool, lanes, begin, alive } = createPool(3);
    const runs = [begin(), begin()];
    pool.resize(1);
    expect(alive()).toBe(2);
    for (const lane of lanes) await lane.finish();
    expect(await Promise.all(runs)).toEqual(["returned", "returned"]);
    expect([alive(), pool.counts]).toEqual([1, { total: 1, busy: 0, replaced: 0 }]);
  });
});
