import type { ConsumerFacts } from "@umbel/broker";
import { describe, expect, test } from "vitest";
import { checkConsumers } from "./check-consumers.ts";
import { checkCoverage } from "./check-coverage.ts";
import { checkQueues, mayBeStuck } from "./check-queues.ts";
import type { Takers } from "./untaken.ts";

const NOW = 1_000_000;

function consumer(facts: Partial<ConsumerFacts> = {}): ConsumerFacts {
  return {
    name: "media_n",
    queue: "media",
    priority: "normal",
    lane: undefined,
    problems: [],
    waiting: 0,
    inProgress: 0,
    maxInProgress: 20_000,
    deliveries: 0,
    pulls: 0,
    paused: false,
    ...facts,
  };
}

const NOBODY: Takers = { workers: [], configs: [], now: NOW };

describe("queues", () => {
  const look = (first: Partial<ConsumerFacts>, second: Partial<ConsumerFacts>): string =>
    checkQueues({ before: [consumer(first)], now: [consumer(second)], lookedMs: 2_000 }, NOBODY)
      .map(({ status, message }) => `${status} ${message}`)
      .join();

  test("from which nobody takes are warnings", () => {
    expect(look({ waiting: 1 }, { waiting: 1 })).toBe(
      "warn media: 1 run waits, 0 held by workers: no worker serves the queue",
    );
  });

  test("that grow while no worker has a free slot are warnings", () => {
    const busy = { inProgress: 5, deliveries: 9 };
    expect(look({ waiting: 10, ...busy }, { waiting: 14, ...busy })).toBe(
      "warn media: 14 runs wait, 5 held by workers: 4 more than 2 s before, and no worker has a free slot",
    );
  });

  test("that are worked on are fine", () => {
    expect(look({ waiting: 10, deliveries: 5 }, { waiting: 9, deliveries: 6 })).toMatch(
      /^ok media: 9 runs wait/,
    );
    expect(look({ waiting: 10, inProgress: 1 }, { waiting: 10, inProgress: 1 })).toMatch(
      /have no free slot$/,
    );
    expect(look({ waiting: 10, pulls: 1 }, { waiting: 20 })).toMatch(/^ok/);
    expect(look({ waiting: 10 }, { waiting: 0 })).toBe("ok media: 0 runs wait, 0 held by workers");
  });

  test("are judged as a whole: nobody asks for a low priority while something higher waits", () => {
    const busy = consumer({ name: "media_h", priority: "high", inProgress: 50, waiting: 3 });
    const first = [busy, consumer({ name: "media_l", priority: "low", waiting: 4 })];
    const [check] = checkQueues({ before: first, now: first, lookedMs: 2_000 }, NOBODY);
    expect(check).toMatchObject({ status: "ok", message: expect.stringContaining("7 runs wait, 50 held") });
  });

  test("are looked at again only when runs wait and nobody asks", () => {
    expect(mayBeStuck([consumer({ waiting: 1 })])).toBe(true);
    expect(mayBeStuck([consumer({ waiting: 1, pulls: 1 })])).toBe(false);
    expect(mayBeStuck([consumer()])).toBe(false);
    expect(mayBeStuck([consumer({ queue: undefined, waiting: 1 })])).toBe(false);
  });
});

describe("consumers", () => {
  const statuses = (facts: Partial<ConsumerFacts>): string[] =>
    checkConsumers([consumer(facts)]).map(({ status, message }) => `${status} ${message}`);

  test("that are as needed are counted", () => {
    expect(statuses({})).toEqual(["ok 1 for the queue media, as needed"]);
  });

  test("with wrong settings fail", () => {
    expect(statuses({ problems: ["max_deliver is 3"] })).toEqual(["fail media_n: max_deliver is 3"]);
  });

  test("near their limit, and paused ones, are warnings", () => {
    expect(statuses({ inProgress: 16_000 })).toEqual([
      "warn media_n: 16000 runs are held by workers, and 20000 is the most (max_ack_pending)",
    ]);
    expect(statuses({ inProgress: 15_999 })[0]).toMatch(/^ok/);
    expect(statuses({ lane: 3, inProgress: 1, maxInProgress: 1 })[0]).toMatch(/^ok/);
    expect(statuses({ paused: true })).toEqual(["warn media_n is paused: its runs wait"]);
  });

  test("of others are none of ours", () => {
    expect(statuses({ queue: undefined, problems: [] })).toEqual([
      "skip there are none: no worker has ever served a queue",
    ]);
  });
});

describe("coverage", () => {
  const byPriority = { high: 0, normal: 0, low: 0 };
  const nothing = { ready: 0, byPriority, keyed: 0, delayed: 0, retrying: 0 };

  test("is there when every queue has a consumer", () => {
    const waiting = { queues: [{ ...nothing, queue: "media", ready: 5 }], strangers: 0, complete: true };
    expect(checkCoverage(waiting, [consumer()])).toMatchObject([{ status: "ok" }]);
    expect(checkCoverage({ ...waiting, complete: false }, [consumer()])[0]?.message).toContain(
      "there are more",
    );
  });

  test("is missing for runs in a queue that nobody ever served, scheduled ones too", () => {
    const queues = [{ ...nothing, queue: "typo", ready: 1, delayed: 2, retrying: 3 }];
    const [check] = checkCoverage({ queues, strangers: 0, complete: true }, [consumer()]);
    expect(check).toMatchObject({
      status: "warn",
      message:
        "no worker has ever served the queue typo, in which 1 run waits, 2 are scheduled, 3 are to be tried again",
    });
  });

  test("is missing for messages that are no runs", () => {
    expect(checkCoverage({ queues: [], strangers: 2, complete: true }, [])).toMatchObject([
      { status: "warn", message: "2 messages are on subjects that are no run's: nothing takes them" },
    ]);
  });
});
