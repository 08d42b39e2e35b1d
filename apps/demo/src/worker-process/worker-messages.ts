import { z } from "zod";

/** What a worker process is started with. */
export interface WorkerConfig {
  readonly name: string;
  readonly servers: string;
  readonly modules: readonly string[];
  /** Runs at a time on the loop. */
  readonly slots: number;
  readonly threads: number;
  readonly ackWaitMs: number;
}

/** What a worker process tells of itself. */
export interface WorkerReport {
  /** The runs that it executes, or is storing the outcomes of, at this moment. */
  readonly runIds: readonly string[];
  /** How late its event loop was at worst in 99 % of all measurements, since they began. Milliseconds. */
  readonly loopDelayP99Ms: number;
}

/** From the demo to a worker process. */
export type ToWorker =
  /** Answer with a report. */
  | { readonly type: "report" }
  /** Begin to measure the loop's delay. */
  | { readonly type: "measure" }
  /** Stop cleanly and end. */
  | { readonly type: "stop" };

/** From a worker process to the demo. */
export type FromWorker =
  | { readonly type: "ready"; readonly workerId: string }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "report"; readonly report: WorkerReport };

/** Checks the configuration that a worker process is started with. */
export const workerConfig: z.ZodType<WorkerConfig> = z.object({
  name: z.string(),
  servers: z.string(),
  modules: z.array(z.string()),
  slots: z.int(),
  threads: z.int(),
  ackWaitMs: z.int(),
});

/** Checks a {@link ToWorker}. */
export const toWorker: z.ZodType<ToWorker> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("report") }),
  z.object({ type: z.literal("measure") }),
  z.object({ type: z.literal("stop") }),
]);

/** Checks a {@link FromWorker}. */
export const fromWorker: z.ZodType<FromWorker> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), workerId: z.string() }),
  z.object({ type: z.literal("failed"), message: z.string() }),
  z.object({
    type: z.literal("report"),
    report: z.object({ runIds: z.array(z.string()), loopDelayP99Ms: z.number() }),
  }),
]);
