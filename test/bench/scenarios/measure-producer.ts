import { Crew } from "../processes/crew.ts";
import type { Measure, Side } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";
import { expectCount } from "./check-delivery.ts";

/** How producers are measured. */
export interface ProducerPlan {
  readonly entries: Readonly<Record<Side, URL>>;
  /** Runs before those that are measured, at most as many. */
  readonly warmUp: number;
  /** Publishes in flight. */
  readonly width: number;
}

/** Measure a producer alone: nobody pulls, and every run must be in the queue afterwards. */
export function measureProducer({ entries, width, ...plan }: ProducerPlan): Measure {
  return async ({ side, n, syncInterval, profileDir }) => {
    const warmUp = Math.min(plan.warmUp, n);
    await using server = await BenchServer.start(syncInterval);
    await using crew = new Crew();
    const settings = { url: server.url, n, warmUp, width };
    const producer = crew.start(entries[side], { settings, profileDir });
    await producer.next("warm");
    producer.tell("go");
    const { values } = await producer.next("measured");
    expectCount("runs in the queue", await server.queuedRuns(), n + warmUp);
    producer.tell("end");
    await producer.ended();
    return values;
  };
}
