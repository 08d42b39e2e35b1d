// What peers are measured at too: here it is ours and the raw protocol alone.
import { natsContender } from "../peers/contenders/nats.ts";
import { calling } from "../peers/matches/basic-matches.ts";
import type { Match } from "../peers/matches/match.ts";
import { elsewhere } from "../peers/matches/special-matches.ts";
import type { Gate, Scenario } from "../scenario.ts";

const LEAST_RATE = 0.65;
const MOST_LATENCY = 2;
const ROUNDS = 3;
const NAMES: ReadonlySet<string> = new Set([
  "saturated",
  "open-loop",
  "fan-out",
  "rtt-1ms enqueue",
  "rtt-1ms drain-100",
  "rtt-1ms roundtrip",
  "r3 enqueue",
  "r3 drain-100",
]);

/** Those matches that have a raw side, as scenarios: `"r3-enqueue"`. */
export const matched: readonly Scenario[] = [...calling, ...elsewhere]
  .filter(({ name }) => NAMES.has(name))
  .map(scenarioOf);

function scenarioOf({ name, about, n, figures, measure }: Match): Scenario {
  const [{ figure, better }] = figures;
  const gate: Gate =
    better === "more"
      ? { figure, of: "ratio", least: LEAST_RATE }
      : { figure, of: "ratio", most: MOST_LATENCY };
  return {
    name: name.replaceAll(" ", "-"),
    about,
    n,
    rounds: ROUNDS,
    sides: ["raw", "ours"],
    main: figure,
    gates: [gate],
    prepare: () => (circumstances) => {
      const { side, syncInterval } = circumstances;
      const copies = name.startsWith("r3") ? 3 : 1;
      const system = side === "ours" ? "umbel" : "raw";
      return measure(natsContender(system, { syncInterval, copies }), circumstances);
    },
  };
}
