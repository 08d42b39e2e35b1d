import { Crew } from "../processes/crew.ts";
import type { Circumstances, Figures, Scenario } from "../scenario.ts";
import { BenchServer } from "../server/bench-server.ts";

const WORKER = new URL("../ours/priority.ts", import.meta.url);
const SLOTS = 10;
/** What handlers of 5 ms let a worker hold besides. */
const LOOKAHEAD = 40;

/** From the call that enqueues ten high runs to the start of each, behind low ones. */
export const priority: Scenario = {
  name: "priority",
  about: "lots of 10 high runs behind 10,000 low ones of 5 ms on 10 slots: how long until they start",
  n: 10_000,
  rounds: 1,
  sides: ["ours"],
  main: "p99Ms",
  gates: [
    { figure: "mostLowBefore", of: "ours", most: SLOTS + LOOKAHEAD + 1 },
    // Otherwise there was nothing to overtake.
    { figure: "lowLeft", of: "ours", least: 1 },
  ],
  prepare: () => measure,
};

async function measure({ n, syncInterval, profileDir }: Circumstances): Promise<Figures> {
  await using server = await BenchServer.start(syncInterval);
  await using crew = new Crew();
  const settings = { url: server.url, n, warmUp: 0, width: SLOTS };
  const child = crew.start(WORKER, { settings, profileDir });
  const { values } = await child.next("measured");
  child.tell("end");
  await child.ended();
  return values;
}
