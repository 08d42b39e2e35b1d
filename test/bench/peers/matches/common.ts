import type { MainFigure } from "./match.ts";

/** How often those are measured that take no longer than seconds. */
export const ROUNDS = 5;
/** Those of which nothing was set out for. */
export const FEWER_ROUNDS = 3;
export const RATE: readonly [MainFigure] = [{ figure: "rate", better: "more" }];
export const LATENCY: readonly [MainFigure, MainFigure] = [
  { figure: "p50Ms", better: "less" },
  { figure: "p99Ms", better: "less" },
];

/** Microseconds of CPU for each run, and resident memory afterwards. */
export const COSTS: readonly MainFigure[] = ["workerUs", "brokerUs", "workerMb", "brokerMb"].map(
  (figure) => ({
    figure,
    better: "less",
    alone: true,
  }),
);

/** At equal durability: what may lose the last second to a dead machine. */
export const SECOND = ["umbel 1s", "raw 1s", "bullmq everysec"] as const;
export const SECOND_AND_CELERY = [...SECOND, "celery everysec"] as const;
/** Without its own durability, BullMQ is faster: told, and told to be unequal. */
export const ALL_OF_BULLMQ = ["umbel 1s", "bullmq everysec", "bullmq none"] as const;
/** What may lose nothing. */
export const ALWAYS = ["umbel always", "raw always", "bullmq always", "pg-boss", "graphile-worker"] as const;
