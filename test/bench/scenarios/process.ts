import type { Scenario } from "../scenario.ts";
import { measureWorker } from "./measure-worker.ts";

/** One worker process on a full queue. */
export const processMany: Scenario = {
  name: "process",
  about: "50,000 queued no-op runs, one worker process, 100 slots, outcomes stored",
  n: 50_000,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "rate",
  gates: [{ figure: "rate", of: "ratio", least: 0.65 }],
  prepare: () => measureWorker(100),
};
