import type { MainFigure, Match } from "./match.ts";
import { measureBoth, measureDrain, measureDriver } from "./measure.ts";

const ROUNDS = 5;
const RATE = [{ figure: "rate", better: "more" }] as const satisfies readonly MainFigure[];
const LATENCY = [
  { figure: "p50Ms", better: "less" },
  { figure: "p99Ms", better: "less" },
] as const satisfies readonly MainFigure[];

/** At equal durability: what may lose the last second to a dead machine. */
const SECOND = ["umbel 1s", "raw 1s", "bullmq everysec"] as const;
/** Without its own durability, BullMQ is faster: told, and told to be unequal. */
const SECOND_AND_NONE = [...SECOND, "bullmq none"] as const;
const SECOND_AND_CELERY = [...SECOND_AND_NONE, "celery everysec"] as const;
/** What may lose nothing. */
const ALWAYS = ["umbel always", "raw always", "bullmq always", "pg-boss", "graphile-worker"] as const;
const SLOW = { celery: 0.05, "pg-boss": 0.1, "graphile-worker": 0.1 } as const;

const enqueueing: readonly Match[] = [
  {
    name: "enqueue",
    about: "enqueue, 1,000 in flight",
    n: 50_000,
    rounds: ROUNDS,
    contenders: SECOND_AND_NONE,
    figures: RATE,
    measure: measureDriver("flight", { warmUp: 15_000, values: { width: 1_000 } }),
  },
  {
    name: "enqueue-awaited",
    about: "enqueue, each awaited before the next",
    n: 5_000,
    share: { celery: 0.4 },
    rounds: ROUNDS,
    contenders: SECOND_AND_CELERY,
    figures: [...RATE, ...LATENCY],
    measure: measureDriver("awaited", { warmUp: 3_000 }),
  },
  {
    name: "enqueue-many",
    about: "bulk enqueue, pipelined where the system can",
    n: 100_000,
    share: SLOW,
    rounds: ROUNDS,
    contenders: ["umbel 1s", "raw 1s", "umbel 1s atomic", "bullmq everysec", "bullmq none", "celery everysec"],
    figures: RATE,
    measure: measureDriver("bulk", { warmUp: 20_000 }),
  },
];

const draining: readonly Match[] = [1, 10, 100].map((slots) => ({
  name: `drain-${slots}`,
  about: `queued no-op runs, one worker process, ${slots} slot${slots === 1 ? "" : "s"}, results stored`,
  n: 20_000,
  share: { celery: 0.1 },
  rounds: ROUNDS,
  contenders: SECOND_AND_CELERY,
  figures: [...RATE, { figure: "workerUs", better: "less" }, { figure: "brokerUs", better: "less" }],
  measure: measureDrain({ warmUp: 10_000, slots }),
}));

const calling: readonly Match[] = [
  {
    name: "roundtrip",
    about: "enqueue to result, one by one, idle",
    n: 3_000,
    share: { celery: 0.3 },
    rounds: ROUNDS,
    contenders: SECOND_AND_CELERY,
    figures: LATENCY,
    measure: measureBoth("call", { warmUp: 3_000 }),
  },
  {
    name: "saturated",
    about: "enqueue to result, 500 at a time",
    n: 20_000,
    share: { celery: 0.1 },
    rounds: ROUNDS,
    contenders: SECOND_AND_CELERY,
    figures: RATE,
    measure: measureBoth("saturated", { warmUp: 10_000, values: { width: 500 } }),
  },
  {
    name: "open-loop",
    about: "enqueue to result, arriving at 3,300/s whether or not the system keeps up",
    n: 13_200,
    rounds: ROUNDS,
    contenders: SECOND_AND_NONE,
    figures: [{ figure: "p99Ms", better: "less" }, { figure: "p50Ms", better: "less" }, ...RATE],
    measure: measureBoth("open", { warmUp: 6_600, values: { rate: 3_300 } }),
  },
  {
    name: "fan-out",
    about: "one call for 10,000 runs, to the last of their results",
    n: 10_000,
    share: { celery: 0.1 },
    rounds: ROUNDS,
    contenders: SECOND_AND_CELERY,
    figures: RATE,
    measure: measureBoth("fanOut", { warmUp: 5_000 }),
  },
  {
    name: "delayed",
    about: "runs due within 10 s: how late their handlers start",
    n: 10_000,
    share: { celery: 0.2 },
    rounds: 1,
    contenders: ["umbel 1s", "bullmq everysec", "celery everysec"],
    figures: [{ figure: "p99Ms", better: "less" }, { figure: "p50Ms", better: "less" }, { figure: "early", better: "less" }],
    measure: measureBoth("delayed", { warmUp: 2_000, values: { leadMs: 6_000, width: 100 } }),
  },
];

const safely: readonly Match[] = [
  {
    name: "always-enqueue-many",
    about: "bulk enqueue, every run on the disk before it is acknowledged",
    n: 20_000,
    rounds: ROUNDS,
    contenders: ["umbel always atomic", "umbel always", "bullmq always", "pg-boss", "graphile-worker"],
    figures: RATE,
    measure: measureDriver("bulk", { warmUp: 2_000 }),
  },
  {
    name: "always-enqueue",
    about: "enqueue, 1,000 in flight, every run on the disk",
    n: 10_000,
    share: { "pg-boss": 0.5, "graphile-worker": 0.3 },
    rounds: 3,
    contenders: ALWAYS,
    figures: RATE,
    measure: measureDriver("flight", { warmUp: 2_000, values: { width: 1_000 } }),
  },
  {
    name: "always-drain-100",
    about: "queued no-op runs, 100 slots, results stored (graphile-worker keeps none), everything on the disk",
    n: 10_000,
    share: { "graphile-worker": 0.5 },
    rounds: 3,
    contenders: [...ALWAYS, "graphile-worker local-queue"],
    figures: RATE,
    measure: measureDrain({ warmUp: 2_000 }),
  },
];

/** Mirrors of public suites, with their counts. */
const mirrored: readonly Match[] = [
  {
    name: "bullmq-bench queue-add",
    about: "bullmq-bench: 1,000 jobs of 4 kB, one by one",
    n: 1_000,
    rounds: ROUNDS,
    contenders: SECOND_AND_NONE,
    figures: RATE,
    measure: measureDriver("awaited", { warmUp: 1_000, values: { sample: 1 } }),
  },
  {
    name: "bullmq-bench queue-add-bulk",
    about: "bullmq-bench: 10,000 jobs of 4 kB, 50 in each call, one call after another",
    n: 10_000,
    rounds: ROUNDS,
    contenders: SECOND_AND_NONE,
    figures: RATE,
    measure: measureDriver("bulk", { warmUp: 1_000, values: { sample: 1, chunk: 50 } }),
  },
  {
    name: "bullmq-bench worker-generic",
    about: "bullmq-bench: 1,000 jobs, one slot",
    n: 1_000,
    rounds: ROUNDS,
    contenders: SECOND_AND_NONE,
    figures: RATE,
    measure: measureDrain({ warmUp: 1_000, slots: 1 }),
  },
  {
    name: "bullmq-bench worker-concurrent",
    about: "bullmq-bench: 10,000 jobs, 100 slots",
    n: 10_000,
    rounds: ROUNDS,
    contenders: SECOND_AND_NONE,
    figures: RATE,
    measure: measureDrain({ warmUp: 1_000, slots: 100 }),
  },
  {
    name: "graphile drain",
    about: "graphile-worker's own: a full queue, 24 slots, local queue of 500",
    n: 30_000,
    rounds: ROUNDS,
    contenders: ["umbel 1s", "graphile-worker async-commit local-queue", "graphile-worker local-queue"],
    figures: RATE,
    measure: measureDrain({ warmUp: 5_000, slots: 24 }),
  },
  {
    name: "graphile latency",
    about: "graphile-worker's own: from adding to the start of the handler, 200 a second",
    n: 1_000,
    rounds: 3,
    contenders: ["umbel 1s", "bullmq everysec", "umbel always", "graphile-worker"],
    figures: LATENCY,
    measure: measureBoth("paced", { warmUp: 1_000, values: { rate: 200, width: 100 } }),
  },
];

const elsewhere: readonly Match[] = [
  {
    name: "rtt-1ms enqueue",
    about: "enqueue, 1,000 in flight, 1 ms away",
    n: 20_000,
    rounds: 3,
    contenders: SECOND,
    figures: RATE,
    measure: measureDriver("flight", { warmUp: 10_000, values: { width: 1_000 }, delayMs: 1 }),
  },
  {
    name: "rtt-1ms drain-100",
    about: "queued no-op runs, 100 slots, 1 ms away",
    n: 10_000,
    rounds: 3,
    contenders: SECOND,
    figures: RATE,
    measure: measureDrain({ warmUp: 5_000, delayMs: 1 }),
  },
  {
    name: "rtt-1ms roundtrip",
    about: "enqueue to result, one by one, 1 ms away",
    n: 1_000,
    rounds: 3,
    contenders: SECOND,
    figures: LATENCY,
    measure: measureBoth("call", { warmUp: 1_000, delayMs: 1 }),
  },
  {
    name: "r3 enqueue",
    about: "enqueue, 1,000 in flight, three servers of one machine hold every run",
    n: 20_000,
    rounds: 3,
    contenders: ["umbel r3 1s", "raw r3 1s"],
    figures: RATE,
    measure: measureDriver("flight", { warmUp: 5_000, values: { width: 1_000 } }),
  },
  {
    name: "r3 drain-100",
    about: "queued no-op runs, 100 slots, three servers of one machine hold everything",
    n: 10_000,
    rounds: 3,
    contenders: ["umbel r3 1s", "raw r3 1s"],
    figures: RATE,
    measure: measureDrain({ warmUp: 5_000 }),
  },
  {
    name: "telemetry",
    about: "enqueue to result, 500 at a time, with an OpenTelemetry SDK that samples everything",
    n: 20_000,
    rounds: ROUNDS,
    contenders: ["umbel 1s traced", "umbel 1s"],
    figures: RATE,
    measure: measureBoth("saturated", { warmUp: 10_000, values: { width: 500 } }),
  },
];

/** All matches, in the order in which a round measures them. */
export const MATCHES: readonly Match[] = [
  ...enqueueing,
  ...draining,
  ...calling,
  ...safely,
  ...mirrored,
  ...elsewhere,
];
