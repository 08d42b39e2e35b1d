import { COSTS, FEWER_ROUNDS, LATENCY, RATE, ROUNDS, SECOND, SECOND_AND_CELERY } from "./common.ts";
import type { Match } from "./match.ts";
import { measureBoth, measureDrain, measureDriver } from "./measure.ts";

/**
 * Runs that come first, or as many as are measured if those are fewer: V8 compiles for about so long. With an eighth of
 * it, ours was at half of the raw protocol, with half of it at three quarters; and BullMQ was slower, too.
 */
const WARM = 80_000;

/** A client alone. */
export const enqueueing: readonly Match[] = [
  {
    name: "enqueue",
    about: "enqueue, 1,000 in flight",
    n: 80_000,
    share: { celery: 0.025 },
    rounds: ROUNDS,
    contenders: [...SECOND_AND_CELERY, "bullmq none"],
    figures: RATE,
    measure: measureDriver("flight", { warmUp: WARM, values: { width: 1_000 } }),
  },
  {
    name: "enqueue-awaited",
    about: "enqueue, each awaited before the next",
    n: 40_000,
    share: { celery: 0.05 },
    rounds: ROUNDS,
    contenders: SECOND_AND_CELERY,
    figures: [...RATE, ...LATENCY],
    measure: measureDriver("awaited", { warmUp: WARM }),
  },
  {
    name: "enqueue-many",
    about: "bulk enqueue, pipelined where the system can",
    n: 80_000,
    share: { celery: 0.04 },
    rounds: ROUNDS,
    contenders: ["umbel 1s", "raw 1s", "umbel 1s atomic", "bullmq everysec", "celery everysec"],
    figures: RATE,
    measure: measureDriver("bulk", { warmUp: WARM }),
  },
];

/** A worker alone. */
export const draining: readonly Match[] = [1, 10, 100].map((slots) => ({
  name: `drain-${slots}`,
  about: `queued no-op runs, one worker process, ${slots} slot${slots === 1 ? "" : "s"}, results stored`,
  n: 80_000,
  share: { bullmq: slots === 1 ? 0.25 : 0.5, celery: 0.025 },
  rounds: ROUNDS,
  contenders: slots === 100 ? [...SECOND_AND_CELERY, "bullmq none"] : SECOND_AND_CELERY,
  figures: [...RATE, ...COSTS],
  measure: measureDrain({ warmUp: WARM, slots }),
}));

/** A client and a worker. */
export const calling: readonly Match[] = [
  {
    name: "roundtrip",
    about: "enqueue to result, one by one, idle",
    n: 20_000,
    share: { bullmq: 0.5, celery: 0.05 },
    rounds: ROUNDS,
    contenders: SECOND_AND_CELERY,
    figures: LATENCY,
    measure: measureBoth("call", { warmUp: WARM, warmUpTogether: true }),
  },
  {
    name: "saturated",
    about: "enqueue to result, 500 at a time",
    n: 80_000,
    share: { bullmq: 0.25, celery: 0.025 },
    rounds: ROUNDS,
    contenders: [...SECOND_AND_CELERY, "bullmq none"],
    figures: RATE,
    measure: measureBoth("saturated", { warmUp: WARM, values: { width: 500 } }),
  },
  {
    name: "open-loop",
    about: "enqueue to result, arriving at 3,300/s whether or not the system keeps up",
    n: 13_200,
    rounds: ROUNDS,
    contenders: SECOND,
    figures: [{ figure: "p99Ms", better: "less" }, { figure: "p50Ms", better: "less" }, ...RATE],
    measure: measureBoth("open", { warmUp: 13_200, values: { rate: 3_300 } }),
  },
  {
    name: "fan-out",
    about: "one call for 10,000 runs, to the last of their results",
    n: 10_000,
    rounds: FEWER_ROUNDS,
    contenders: SECOND,
    figures: RATE,
    measure: measureBoth("fanOut", { warmUp: 10_000 }),
  },
  {
    name: "delayed",
    about: "runs due within 10 s: how late their handlers start",
    n: 10_000,
    share: { celery: 0.2 },
    rounds: 1,
    contenders: ["umbel 1s", "bullmq everysec", "celery everysec"],
    figures: [
      { figure: "p99Ms", better: "less" },
      { figure: "p50Ms", better: "less" },
      { figure: "early", better: "less", alone: true },
    ],
    measure: measureBoth("delayed", { warmUp: 2_000, values: { leadMs: 4_000, width: 100 } }),
  },
];
