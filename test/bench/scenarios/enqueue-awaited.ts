import type { Scenario } from "../scenario.ts";
import { measureProducer } from "./measure-producer.ts";

/** Single enqueues, each awaited before the next. */
export const enqueueAwaited: Scenario = {
  name: "enqueue-awaited",
  about: "enqueue() one by one: how long each takes",
  n: 10_000,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "p50Ms",
  gates: [{ figure: "p50Ms", of: "ratio", most: 1.3 }],
  prepare: () =>
    measureProducer({
      entries: {
        raw: new URL("../raw/enqueue-awaited.ts", import.meta.url),
        ours: new URL("../ours/enqueue-awaited.ts", import.meta.url),
      },
      warmUp: 5_000,
      width: 1,
    }),
};
