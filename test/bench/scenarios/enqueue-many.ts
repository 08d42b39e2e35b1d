import type { Scenario } from "../scenario.ts";
import { measureProducer } from "./measure-producer.ts";

/** One call that enqueues very many. */
export const enqueueMany: Scenario = {
  name: "enqueue-many",
  about: "enqueueMany() of 100,000 runs in one call",
  n: 100_000,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "rate",
  gates: [{ figure: "rate", of: "ratio", least: 0.7 }],
  prepare: () =>
    measureProducer({
      entries: {
        raw: new URL("../raw/enqueue.ts", import.meta.url),
        ours: new URL("../ours/enqueue-many.ts", import.meta.url),
      },
      warmUp: 20_000,
      // As many as lean code gains anything from.
      width: 2_000,
    }),
};
