import type { Scenario } from "../scenario.ts";
import { measureWorker } from "./measure-worker.ts";

/** One handler at a time: storing an outcome must overlap with the next handler. */
export const processOne: Scenario = {
  name: "process-1",
  about: "50,000 queued no-op runs, one worker process, one slot, outcomes stored",
  n: 50_000,
  rounds: 3,
  sides: ["raw", "ours"],
  main: "rate",
  gates: [{ figure: "rate", of: "ratio", least: 0.65 }],
  prepare: () => measureWorker(1),
};
