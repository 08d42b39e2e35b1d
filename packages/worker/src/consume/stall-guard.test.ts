import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { StallGuard } from "./stall-guard.ts";

describe("a stall guard", () => {
  let now = 0;
  let flushed = Promise.withResolvers<void>();
  beforeEach(() => {
    now = 1_000;
    flushed = Promise.withResolvers();
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    vi.spyOn(performance, "now").mockImplementation(() => now);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const create = (): StallGuard => new StallGuard({ ackWaitMs: 4_000, flush: () => flushed.promise });

  test("trusts what arrives while its looks come in time", () => {
    using guard = create();
    for (let looks = 0; looks < 10; looks++) {
      now += 3_999;
      expect(guard.suspicious).toBe(false);
      vi.advanceTimersByTime(1_000);
    }
  });

  test("suspects what arrives after a stall, before any timer, until all that was sent has arrived", async () => {
    using guard = create();
    now += 4_000;
    expect(guard.suspicious).toBe(true);
    vi.advanceTimersByTime(1_000);
    expect(guard.suspicious).toBe(true);
    flushed.resolve();
    await flushed.promise;
    expect(guard.suspicious).toBe(false);
  });

  test("notices a stall by its timer too, and trusts again when the connection is gone", async () => {
    using guard = create();
    now += 9_000;
    vi.advanceTimersByTime(1_000);
    expect(guard.suspicious).toBe(true);
    flushed.reject(new Error("disconnected"));
    await flushed.promise.catch(() => undefined);
    expect(guard.suspicious).toBe(false);
  });

  test("calls stale what the broker has not heard of for an ack-wait", () => {
    using guard = create();
    expect(guard.isStale(now - 3_999)).toBe(false);
    expect(guard.isStale(now - 4_000)).toBe(true);
  });
});
