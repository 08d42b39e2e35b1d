import type { BrokerConnection, RunRecords } from "@umbel/broker";
import { isOutcomeState, type Firing, type FiringState, type RunState } from "@umbel/protocol";
import { readRunInfo } from "../run-info.ts";

/** How those of `runs` stand whose end is not recorded, by run id. @throws UmbelError when the broker cannot be asked */
export async function statesOfRuns(
  runs: readonly Firing[],
  deps: { readonly connection: BrokerConnection; readonly records: RunRecords },
): Promise<ReadonlyMap<string, RunState>> {
  const open = runs.filter(({ state }) => state === undefined);
  const states = await Promise.all(
    open.map(async ({ runId }) => [runId, (await readRunInfo(runId, deps)).state] as const),
  );
  return new Map(states);
}

/** Those of `states` that are an end: `unknown` is one, for a run that was there once. */
export function endedStates(states: ReadonlyMap<string, RunState>): ReadonlyMap<string, FiringState> {
  const ended = new Map<string, FiringState>();
  for (const [runId, state] of states) {
    if (state === "unknown" || isOutcomeState(state)) ended.set(runId, state);
  }
  return ended;
}
