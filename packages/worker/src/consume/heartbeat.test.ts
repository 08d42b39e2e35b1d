import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Heartbeat, type Held } from "./heartbeat.ts";

const ACK_WAIT_MS = 30_000;

/** A run in execution, with the times at which its ack-wait was extended. */
class HeldRun implements Held {
  readonly beats: number[] = [];
  readonly delivery = {
    heardAt: performance.now(),
    heartbeat: (): void => {
      this.delivery.heardAt = performance.now();
      this.beats.push(performance.now());
    },
  };
  leaseLost = false;
}

const lost = vi.fn<(held: Held, silentMs: number) => void>();
let connected = true;
let heartbeat: Heartbeat;
const held = new Set<Held>();

beforeEach(() => {
  vi.useFakeTimers();
  lost.mockReset();
  held.clear();
  connected = true;
  heartbeat = new Heartbeat(ACK_WAIT_MS, () => held, { onLeaseLost: lost, connected: () => connected });
});

afterEach(() => {
  heartbeat[Symbol.dispose]();
  vi.useRealTimers();
});

function hold(): HeldRun {
  const run = new HeldRun();
  held.add(run);
  return run;
}

// As a stopped process sees it: time has passed, and no timer has fired.
function passSilently(run: HeldRun, ms: number): void {
  run.delivery.heardAt -= ms;
}

describe("the heartbeat of a run in execution", () => {
  test("comes three times within every ack-wait, for as long as it takes", () => {
    const run = hold();
    const beganAt = performance.now();
    vi.advanceTimersByTime(2 * ACK_WAIT_MS);
    expect(run.beats.map((at) => at - beganAt)).toEqual([10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(run.delivery.heardAt - beganAt).toBe(60_000);
    expect(lost).not.toHaveBeenCalled();
  });

  test("comes for all runs by the same timer", () => {
    const runs = [hold(), hold(), hold()];
    vi.advanceTimersByTime(ACK_WAIT_MS);
    expect(runs.map(({ beats }) => beats.length)).toEqual([3, 3, 3]);
    expect(vi.getTimerCount()).toBe(1);
  });

  test("ends with the run", () => {
    const run = hold();
    vi.advanceTimersByTime(10_000);
    held.delete(run);
    vi.advanceTimersByTime(2 * ACK_WAIT_MS);
    expect(run.beats).toHaveLength(1);
    expect(lost).not.toHaveBeenCalled();
  });

  test("ends with the worker, which leaves no timer behind", () => {
    const run = hold();
    heartbeat[Symbol.dispose]();
    vi.advanceTimersByTime(2 * ACK_WAIT_MS);
    expect(run.beats).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a run of which the broker has not heard for the ack-wait", () => {
  test("has lost its lease: no late heartbeat keeps it from another worker, and it is reported once", () => {
    const run = hold();
    vi.advanceTimersByTime(10_000);
    passSilently(run, 20_000);
    vi.advanceTimersByTime(10_000);
    expect(run.leaseLost).toBe(true);
    expect(lost).toHaveBeenCalledExactlyOnceWith(run, 30_000);
    vi.advanceTimersByTime(5 * ACK_WAIT_MS);
    expect(run.beats).toHaveLength(1);
    expect(lost).toHaveBeenCalledOnce();
  });

  test("has not lost it a moment earlier", () => {
    const run = hold();
    passSilently(run, 19_999);
    vi.advanceTimersByTime(10_000);
    expect(run).toMatchObject({ leaseLost: false, beats: [expect.anything()] });
    expect(lost).not.toHaveBeenCalled();
  });

  test("has its heartbeats again once it was handed over anew", () => {
    const run = hold();
    passSilently(run, ACK_WAIT_MS);
    vi.advanceTimersByTime(10_000);
    run.delivery.heardAt = performance.now();
    run.leaseLost = false;
    vi.advanceTimersByTime(10_000);
    expect(run.beats).toHaveLength(1);
  });

  test("does not take the lease of others with it", () => {
    const [silent, other] = [hold(), hold()];
    passSilently(silent, ACK_WAIT_MS);
    vi.advanceTimersByTime(ACK_WAIT_MS);
    expect(other).toMatchObject({ leaseLost: false, beats: { length: 3 } });
    expect(lost).toHaveBeenCalledExactlyOnceWith(silent, 40_000);
  });
});

describe("while the connection is lost", () => {
  test("nothing counts as heard: a heartbeat after the ack-wait would be too late", () => {
    const run = hold();
    vi.advanceTimersByTime(10_000);
    connected = false;
    vi.advanceTimersByTime(20_000);
    expect(run.beats).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    connected = true;
    vi.advanceTimersByTime(2 * ACK_WAIT_MS);
    expect(run.beats).toHaveLength(1);
    expect(lost).toHaveBeenCalledExactlyOnceWith(run, 30_000);
  });

  test("for a shorter time, the lease is kept", () => {
    const run = hold();
    connected = false;
    vi.advanceTimersByTime(10_000);
    connected = true;
    vi.advanceTimersByTime(ACK_WAIT_MS);
    expect(run).toMatchObject({ leaseLost: false, beats: { length: 3 } });
    expect(lost).not.toHaveBeenCalled();
  });
});
