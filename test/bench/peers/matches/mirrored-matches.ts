import { ALL_OF_BULLMQ, FEWER_ROUNDS, LATENCY, RATE, ROUNDS } from "./common.ts";
import type { Match } from "./match.ts";
import { measureBoth, measureDrain, measureDriver } from "./measure.ts";

/** Mirrors of public suites, with their counts. */
export const mirrored: readonly Match[] = [
  {
    name: "bullmq-bench queue-add",
    about: "bullmq-bench: 1,000 jobs of 4 kB, one by one",
    n: 1_000,
    rounds: FEWER_ROUNDS,
    contenders: ALL_OF_BULLMQ,
    figures: RATE,
    measure: measureDriver("awaited", { warmUp: 1_000, values: { sample: 1 } }),
  },
  {
    name: "bullmq-bench queue-add-bulk",
    about: "bullmq-bench: 10,000 jobs of 4 kB, 50 in each call, one call after another",
    n: 10_000,
    rounds: FEWER_ROUNDS,
    contenders: ALL_OF_BULLMQ,
    figures: RATE,
    measure: measureDriver("bulk", { warmUp: 1_000, values: { sample: 1, chunk: 50 } }),
  },
  {
    name: "bullmq-bench worker-generic",
    about: "bullmq-bench: 1,000 jobs, one slot",
    n: 1_000,
    rounds: FEWER_ROUNDS,
    contenders: ALL_OF_BULLMQ,
    figures: RATE,
    measure: measureDrain({ warmUp: 1_000, slots: 1 }),
  },
  {
    name: "bullmq-bench worker-concurrent",
    about: "bullmq-bench: 10,000 jobs, 100 slots",
    n: 10_000,
    rounds: FEWER_ROUNDS,
    contenders: ALL_OF_BULLMQ,
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
    measure: measureDrain({ warmUp: 30_000, slots: 24 }),
  },
  {
    name: "graphile latency",
    about: "graphile-worker's own: from adding to the start of the handler, 100 a second",
    n: 400,
    rounds: FEWER_ROUNDS,
    contenders: ["umbel 1s", "bullmq everysec", "umbel always", "graphile-worker"],
    figures: LATENCY,
    measure: measureBoth("paced", { warmUp: 1_000, values: { rate: 100, width: 100 }, slots: 10 }),
  },
];
