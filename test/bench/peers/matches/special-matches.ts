import { ALWAYS, FEWER_ROUNDS, LATENCY, RATE, ROUNDS, SECOND } from "./common.ts";
import type { Match } from "./match.ts";
import { measureBacklog } from "./measure-backlog.ts";
import { measureCpu } from "./measure-cpu.ts";
import { measureBoth, measureDrain, measureDriver } from "./measure.ts";

/** Everything on the disk before it is acknowledged. */
export const safely: readonly Match[] = [
  {
    name: "always-enqueue-many",
    about: "bulk enqueue, every run on the disk before it is acknowledged",
    n: 10_000,
    rounds: ROUNDS,
    contenders: ["umbel always atomic", "umbel always", "bullmq always", "pg-boss", "graphile-worker"],
    figures: RATE,
    measure: measureDriver("bulk", { warmUp: 2_000 }),
  },
  {
    name: "always-enqueue",
    about: "enqueue, 1,000 in flight, every run on the disk",
    n: 5_000,
    share: { "pg-boss": 0.5, "graphile-worker": 0.3 },
    rounds: FEWER_ROUNDS,
    contenders: ALWAYS,
    figures: RATE,
    measure: measureDriver("flight", { warmUp: 2_000, values: { width: 1_000 } }),
  },
  {
    name: "always-drain-100",
    about:
      "queued no-op runs, 100 slots, results stored (graphile-worker keeps none), everything on the disk",
    n: 5_000,
    share: { "graphile-worker": 0.5 },
    rounds: FEWER_ROUNDS,
    contenders: [...ALWAYS, "graphile-worker local-queue"],
    figures: RATE,
    measure: measureDrain({ warmUp: 2_000 }),
  },
];

/** A wire, several servers, tracing. */
export const elsewhere: readonly Match[] = [
  {
    name: "rtt-1ms enqueue",
    about: "enqueue, 1,000 in flight, 1 ms away",
    n: 20_000,
    rounds: FEWER_ROUNDS,
    contenders: SECOND,
    figures: RATE,
    measure: measureDriver("flight", { warmUp: 10_000, values: { width: 1_000 }, delayMs: 1 }),
  },
  {
    name: "rtt-1ms drain-100",
    about: "queued no-op runs, 100 slots, 1 ms away",
    n: 10_000,
    rounds: FEWER_ROUNDS,
    contenders: SECOND,
    figures: RATE,
    measure: measureDrain({ warmUp: 5_000, delayMs: 1 }),
  },
  {
    name: "rtt-1ms roundtrip",
    about: "enqueue to result, one by one, 1 ms away",
    n: 1_000,
    rounds: FEWER_ROUNDS,
    contenders: SECOND,
    figures: LATENCY,
    measure: measureBoth("call", { warmUp: 1_000, delayMs: 1 }),
  },
  {
    name: "r3 enqueue",
    about: "enqueue, 1,000 in flight, three servers of one machine hold every run",
    n: 20_000,
    rounds: FEWER_ROUNDS,
    contenders: ["umbel r3 1s", "raw r3 1s"],
    figures: RATE,
    measure: measureDriver("flight", { warmUp: 5_000, values: { width: 1_000 } }),
  },
  {
    name: "r3 drain-100",
    about: "queued no-op runs, 100 slots, three servers of one machine hold everything",
    n: 10_000,
    rounds: FEWER_ROUNDS,
    contenders: ["umbel r3 1s", "raw r3 1s"],
    figures: RATE,
    measure: measureDrain({ warmUp: 5_000 }),
  },
  {
    name: "telemetry",
    about: "enqueue to result, 500 at a time, with an OpenTelemetry SDK that samples everything",
    n: 40_000,
    rounds: ROUNDS,
    contenders: ["umbel 1s traced", "umbel 1s"],
    figures: RATE,
    measure: measureBoth("saturated", { warmUp: 40_000, values: { width: 500 } }),
  },
];

/** What takes long. */
export const heavily: readonly Match[] = [
  {
    name: "cpu",
    about: "runs of about 50 ms of computing on as many threads as cores; raw: bare threads without a queue",
    n: 200,
    rounds: ROUNDS,
    contenders: ["umbel 1s", "raw 1s", "bullmq everysec"],
    figures: [
      { figure: "seconds", better: "less" },
      { figure: "loopDelayP99Ms", better: "less" },
    ],
    measure: measureCpu,
  },
  {
    name: "backlog",
    about: "40,000 runs onto, then off, a queue of 1,000,000, as a part of the rates at 10,000",
    n: 1_000_000,
    rounds: 1,
    contenders: ["umbel 1s", "raw 1s", "bullmq everysec"],
    figures: [
      { figure: "enqueueShare", better: "more", alone: true },
      { figure: "drainShare", better: "more", alone: true },
      { figure: "bytesPerRun", better: "less" },
      { figure: "enqueueRate", better: "more", alone: true },
      { figure: "drainRate", better: "more", alone: true },
    ],
    measure: measureBacklog,
  },
];
