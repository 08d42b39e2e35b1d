import type { Scenario } from "../scenario.ts";
import { measureProducer } from "./measure-producer.ts";

/** Single enqueues, many at a time. */
export const enqueue: Scenario = {
  name: "enqueue",
  about: "enqueue() with 1000 in flight",
  n: 100_000,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "rate",
  gates: [{ figure: "rate", of: "ratio", least: 0.65 }],
  prepare: () =>
    measureProducer({
      entries: {
        raw: new URL("../raw/enqueue.ts", import.meta.url),
        ours: new URL("../ours/enqueue.ts", import.meta.url),
      },
      warmUp: 20_000,
      width: 1_000,
    }),
};
