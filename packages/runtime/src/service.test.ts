import { describe, expect, test } from "vitest";
import { createService, type Service } from "./service.ts";

type Call = "start" | "stop";

/** Every order of up to `most` calls. */
function ordersOf(most: number): Call[][] {
  const calls: Call[] = ["start", "stop"];
  let longest: Call[][] = [[]];
  const all = [...longest];
  for (let length = 1; length <= most; length++) {
    longest = longest.flatMap((order) => calls.map((call) => [...order, call]));
    all.push(...longest);
  }
  return all;
}

interface Failures {
  readonly start: boolean;
  readonly stop: boolean;
}

async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

/** A service that writes down what its hooks do. Each hook takes a few turns of the event loop. */
function recordedService(failures: Failures): { service: Service; log: string[] } {
  const log: string[] = [];
  const hook = (call: Call) => async (): Promise<void> => {
    log.push(`${call} begins`);
    await pass(3);
    log.push(`${call} ends`);
    if (failures[call]) throw new Error(`${call} failed`);
  };
  return { service: createService({ start: hook("start"), stop: hook("stop") }), log };
}

/** What the hooks of a service must have done after `order`, whenever its calls came. */
function expectedLog(order: readonly Call[]): string[] {
  if (order[0] !== "start") return [];
  const stopped = order.includes("stop") ? ["stop begins", "stop ends"] : [];
  return ["start begins", "start ends", ...stopped];
}

/** What each call must have come to: only the hooks that ran can fail. */
function expectedResults(order: readonly Call[], failures: Failures): string[] {
  const hasRun = order[0] === "start";
  return order.map((call) => (hasRun && failures[call] ? `${call} failed` : "done"));
}

const resultOf = (call: Promise<void>): Promise<string> =>
  call.then(
    () => "done",
    (error: unknown) => (error instanceof Error ? error.message : "not an error"),
  );

const FAILURES: readonly Failures[] = [
  { start: false, stop: false },
  { start: true, stop: false },
  { start: false, stop: true },
  { start: true, stop: true },
];
const stress = FAILURES.flatMap((failures) => ordersOf(6).map((order) => ({ failures, order })));

describe("a service starts and stops at most once, in that order, whatever order it is told in", () => {
  test("when each call waits for the one before", async () => {
    for (const { failures, order } of stress) {
      const { service, log } = recordedService(failures);
      const results: string[] = [];
      for (const call of order) results.push(await resultOf(service[call]()));
      expect({ order, log, results }).toEqual({
        order,
        log: expectedLog(order),
        results: expectedResults(order, failures),
      });
    }
  });

  test("when all calls come at once", async () => {
    for (const { failures, order } of stress) {
      const { service, log } = recordedService(failures);
      const results = await Promise.all(order.map((call) => resultOf(service[call]())));
      expect({ order, log, results }).toEqual({
        order,
        log: expectedLog(order),
        results: expectedResults(order, failures),
      });
    }
  });

  test("when the calls come some turns of the event loop apart", async () => {
    for (const { failures, order } of stress.filter((_, at) => at % 3 === 0)) {
      for (const turns of [1, 2, 5]) {
        const { service, log } = recordedService(failures);
        const results: Promise<string>[] = [];
        for (const call of order) {
          results.push(resultOf(service[call]()));
          await pass(turns);
        }
        await Promise.all(results);
        expect({ order, turns, log }).toEqual({ order, turns, log: expectedLog(order) });
      }
    }
  });
});

describe("a service", () => {
  test("runs its stop hook after a start that failed, because it may have opened something", async () => {
    const { service, log } = recordedService({ start: true, stop: false });
    await expect(service.start()).rejects.toThrow("start failed");
    await service.stop();
    expect(log).toEqual(["start begins", "start ends", "stop begins", "stop ends"]);
  });

  test("has ended when stop resolves, for every caller of stop", async () => {
    const { service, log } = recordedService({ start: false, stop: false });
    const starting = service.start();
    const ends = [service.stop(), service.stop()].map(async (stop) => {
      await stop;
      return log.at(-1);
    });
    expect(await Promise.all(ends)).toEqual(["stop ends", "stop ends"]);
    await starting;
  });

  test("may have hooks that are not asynchronous, and that throw", async () => {
    const log: string[] = [];
    const service = createService({
      start: () => {
        throw new Error("no port");
      },
      stop: () => void log.push("stop"),
    });
    await expect(service.start()).rejects.toThrow("no port");
    await expect(service.start()).rejects.toThrow("no port");
    await service.stop();
    expect(log).toEqual(["stop"]);
  });

  test("stops at the end of the block that holds it with await using", async () => {
    const { service, log } = recordedService({ start: false, stop: false });
    {
      await using running = service;
      await running.start();
      expect(log).toEqual(["start begins", "start ends"]);
    }
    expect(log).toEqual(["start begins", "start ends", "stop begins", "stop ends"]);
  });
});
