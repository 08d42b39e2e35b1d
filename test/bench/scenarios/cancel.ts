import type { Scenario } from "../scenario.ts";
import { Crew } from "../processes/crew.ts";
import { BenchServer } from "../server/bench-server.ts";

const ENTRY = new URL("../ours/cancel.ts", import.meta.url);
const WARM_UP = 50;

/** How soon a handler hears that its run is cancelled. */
export const cancel: Scenario = {
  name: "cancel",
  about: "from cancel() of a running run to the abort of its handler's signal, one by one",
  n: 1_000,
  rounds: 3,
  sides: ["ours"],
  main: "p99Ms",
  gates: [],
  prepare:
    () =>
    async ({ n, syncInterval, profileDir }) => {
      await using server = await BenchServer.start(syncInterval);
      await using crew = new Crew();
      const settings = { url: server.url, n, warmUp: Math.min(WARM_UP, n), width: 1 };
      const process = crew.start(ENTRY, { settings, profileDir });
      await process.next("warm");
      process.tell("go");
      const { values } = await process.next("measured");
      process.tell("end");
      await process.ended();
      return values;
    },
};
