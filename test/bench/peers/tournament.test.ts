import { expect, test } from "vitest";
import type { Figures } from "../scenario.ts";
import type { Contender } from "./contenders/contender.ts";
import type { Match } from "./matches/match.ts";
import type { Results } from "./results.ts";
import { holdTournament, type TournamentOptions } from "./tournament.ts";

function contenderNamed(name: string): Contender {
  const url = new URL("file:///nothing");
  return {
    name,
    system: name === "slow" ? "celery" : "umbel",
    title: name,
    durability: { mode: "a mode", loss: "power" },
    caveat: "",
    ...(name === "far" ? { mostRounds: 3 } : {}),
    programs: { driver: url, worker: url },
    missing: async () => (name === "absent" ? "install it" : undefined),
    startBroker: () => Promise.reject(new Error("not here")),
    fill: async () => undefined,
  };
}

function played(match: Partial<Match>, options: Partial<TournamentOptions> = {}) {
  const calls: string[] = [];
  const results: Pick<Results, "matches" | "missing" | "failures"> = {
    matches: [],
    missing: {},
    failures: [],
  };
  const one: Match = {
    name: "one",
    about: "",
    n: 100,
    share: { celery: 0.1 },
    rounds: 2,
    contenders: ["ours", "slow"],
    figures: [{ figure: "rate", better: "more" }],
    measure: async ({ name }, { n, round }): Promise<Figures> => {
      calls.push(`${round} ${name} ${n}`);
      if (name === "broken" && round === 1) throw new Error("lost a run");
      return { rate: round };
    },
    ...match,
  };
  const all: TournamentOptions = {
    only: [],
    n: undefined,
    rounds: undefined,
    quick: false,
    isOver: () => false,
    contenderNamed,
    onMeasured: () => undefined,
    onFailed: () => undefined,
    ...options,
  };
  const hold = (...more: readonly Match[]): Promise<void> => holdTournament([one, ...more], results, all);
  return { hold, calls, results, one };
}

test("contenders take turns, and slow ones have less to do", async () => {
  const { hold, calls, results } = played({});
  await hold();
  expect(calls).toEqual(["1 ours 100", "1 slow 10", "2 ours 100", "2 slow 10"]);
  expect(results.matches[0]?.contenders).toMatchObject([
    { name: "ours", n: 100, rounds: [{ rate: 1 }, { rate: 2 }] },
    { name: "slow", n: 10, rounds: [{ rate: 1 }, { rate: 2 }] },
  ]);
});

test("a round of all matches comes before the next round of any", async () => {
  const { hold, calls, one } = played({ contenders: ["ours"] });
  await hold({ ...one, name: "two", rounds: 1, contenders: ["other"] });
  expect(calls).toEqual(["1 ours 100", "1 other 100", "2 ours 100"]);
});

test("who is missing is told and skipped; who fails is told, and the others go on", async () => {
  const { hold, results } = played({ contenders: ["ours", "absent", "broken", "slow"] });
  await hold();
  expect(results.missing).toEqual({ absent: "install it" });
  expect(results.failures).toEqual(["one, broken: lost a run"]);
  const rounds = results.matches[0]?.contenders.map(({ name, rounds: all }) => [name, all.length]);
  expect(rounds).toEqual([
    ["ours", 2],
    ["broken", 2],
    ["slow", 2],
  ]);
  expect(results.matches[0]?.contenders[1]?.rounds).toEqual([null, { rate: 2 }]);
});

test("more rounds are added to those that there are, each in its place", async () => {
  const { hold, results, one } = played({}, { rounds: 1, only: ["nobody"] });
  await hold();
  const more = played({}, { rounds: 1 });
  await holdTournament([one], results, {
    only: [],
    n: undefined,
    rounds: 1,
    quick: false,
    isOver: () => false,
    contenderNamed,
    onMeasured: () => undefined,
    onFailed: () => undefined,
  });
  expect(more.calls).toEqual([]);
  expect(results.matches[0]?.contenders).toMatchObject([
    { name: "ours", rounds: [{ rate: 1 }, { rate: 1 }] },
    { name: "slow", rounds: [null, { rate: 1 }] },
  ]);
});

test("who is far away takes part in the first rounds only; in a hurry there are two rounds fewer", async () => {
  const slowly = played({ rounds: 4, contenders: ["ours", "far"] });
  await slowly.hold();
  expect(slowly.calls.filter((call) => call.includes("far"))).toHaveLength(3);
  expect(slowly.results.matches[0]?.contenders.map(({ rounds }) => rounds.length)).toEqual([4, 4]);
  const quickly = played({ rounds: 4, contenders: ["ours", "far"] }, { quick: true });
  await quickly.hold();
  expect(quickly.calls).toEqual(["1 ours 100", "1 far 100", "2 ours 100"]);
});

test("when the time is over no match begins; the command line overrules the matches", async () => {
  let left = 1;
  const { hold, calls } = played({ contenders: ["ours"] }, { n: 5, rounds: 9, isOver: () => left-- <= 0 });
  await hold();
  expect(calls).toEqual(["1 ours 5"]);
});
